/*
 * tests/unit/connect_fake_herder.h - a herder without Kafka: it keeps connectors in memory, writes
 * down what it was asked, and answers when the test wants.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_TESTS_UNIT_CONNECT_FAKE_HERDER_H
#define WAL2AVRO_TESTS_UNIT_CONNECT_FAKE_HERDER_H

#include "connect/herder.h"

#define ASKED_MAX 16

typedef struct FakeAnswer FakeAnswer;

struct Herder
{
	Loop *loop;
	const char *starting;
	bool healthy;
	json_t *connectors; /* name: config */
	json_t *overview;	/* NULL: empty */
	char *asked;		/* the last call that changes something, as text; NULL: none */
	bool silent;		/* answers nothing until fake_answer_all */
	FakeAnswer *answers;
};

/* What the herder was asked last, "" for nothing; forgets it. Valid until the next call. */
const char *fake_asked(Herder *herder);

/* Ends the silence. */
void fake_answer_all(Herder *herder);

#endif
