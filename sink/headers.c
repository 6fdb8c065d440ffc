/*
 * sink/headers.c - see headers.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/headers.h"

#include "sink/notes.h"

static void
take(Headers *headers, const char *name, Slice value)
{
	if (strcmp(name, POSITION_HEADER) == 0)
		headers->position = value;
	else if (strcmp(name, OPERATION_HEADER) == 0)
		headers->operation = value.len == 1 ? (char) value.data[0] : '\0';
	else if (strcmp(name, NOTES_HEADER) == 0)
		headers->notes = value;
	else if (strcmp(name, BEFORE_HEADER) == 0)
		headers->before = value;
	else if (strcmp(name, BEFORE_NOTES_HEADER) == 0)
		headers->before_notes = value;
}

Headers
headers_read(const rd_kafka_message_t *message)
{
	Headers headers = {0};
	rd_kafka_headers_t *list;
	const char *name;
	const void *value;
	size_t size;

	if (rd_kafka_message_headers(message, &list) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return headers;
	for (size_t i = 0;
		 rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
		if (value != NULL)
			take(&headers, name, (Slice){value, size});
	return headers;
}

const Position *
headers_position(const Headers *headers, Position *position)
{
	return headers->position.data != NULL && position_get(headers->position, position) ? position
																					   : NULL;
}
