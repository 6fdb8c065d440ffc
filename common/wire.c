/*
 * common/wire.c - see wire.h. One row of the table below per message type.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "common/wire.h"

#include "common/bytes.h"

/* How a field of a body is laid out. */
typedef enum FieldKind
{
	FIELD_END,
	FIELD_U8,
	FIELD_U32,
	FIELD_U64,
	FIELD_TEXT,
	FIELD_BLOB, /* as TEXT, but may be absent */
} FieldKind;

typedef struct Field
{
	FieldKind kind;
	size_t offset;
} Field;

#define FIELD(kind, member)                                                                        \
	{                                                                                              \
		FIELD_##kind, offsetof(Message, member)                                                    \
	}
#define FIELDS_MAX 9

static const struct
{
	MessageType type;
	Field fields[FIELDS_MAX + 1];
} layouts[] = {
	{MESSAGE_INSERT,
	 {FIELD(U32, relation), FIELD(U32, xid), FIELD(U64, lsn), FIELD(BLOB, key), FIELD(BLOB, value),
	  FIELD(BLOB, notes)}},
	{MESSAGE_UPDATE,
	 {FIELD(U32, relation), FIELD(U32, xid), FIELD(U64, lsn), FIELD(BLOB, old_key),
	  FIELD(BLOB, key), FIELD(BLOB, value), FIELD(BLOB, notes), FIELD(BLOB, before),
	  FIELD(BLOB, before_notes)}},
	{MESSAGE_DELETE,
	 {FIELD(U32, relation), FIELD(U32, xid), FIELD(U64, lsn), FIELD(BLOB, key), FIELD(BLOB, before),
	  FIELD(BLOB, before_notes)}},
	{MESSAGE_TRUNCATE, {FIELD(U32, relation), FIELD(U32, xid), FIELD(U64, lsn), FIELD(U8, flags)}},
	{MESSAGE_BEGIN,
	 {FIELD(U64, commit_lsn), FIELD(U64, end_lsn), FIELD(U64, commit_time), FIELD(U32, xid)}},
	{MESSAGE_COMMIT,
	 {FIELD(U64, commit_lsn), FIELD(U64, end_lsn), FIELD(U64, commit_time), FIELD(U32, xid)}},
	{MESSAGE_RELATION,
	 {FIELD(U32, relation), FIELD(U32, oid), FIELD(TEXT, namespace_name), FIELD(TEXT, name),
	  FIELD(BLOB, key_schema), FIELD(TEXT, value_schema)}},
	{MESSAGE_STREAM_START, {FIELD(U32, xid)}},
	{MESSAGE_STREAM_STOP, {{FIELD_END, 0}}},
	{MESSAGE_STREAM_COMMIT,
	 {FIELD(U32, xid), FIELD(U64, commit_lsn), FIELD(U64, end_lsn), FIELD(U64, commit_time)}},
	{MESSAGE_STREAM_ABORT, {FIELD(U32, xid), FIELD(U32, subxid)}},
};

static const Field *
layout_of(uint8_t type)
{
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
		if (layouts[i].type == (MessageType) type)
			return layouts[i].fields;
	return NULL;
}

static bool
take(Slice *in, size_t size, const uint8_t **out)
{
	if (in->len < size)
		return false;
	*out = in->data;
	in->data += size;
	in->len -= size;
	return true;
}

static bool
take_slice(Slice *body, bool may_be_absent, Slice *out)
{
	const uint8_t *p;
	uint32_t len;

	if (!take(body, sizeof len, &p))
		return false;
	len = get_be32(p);
	*out = SLICE_ABSENT;
	if (len == WIRE_ABSENT)
		return may_be_absent;
	out->len = len;
	return take(body, len, &out->data);
}

static bool
take_field(Slice *body, FieldKind kind, void *target)
{
	const uint8_t *p;

	switch (kind)
	{
		case FIELD_U8:
			if (!take(body, 1, &p))
				return false;
			*(uint8_t *) target = *p;
			return true;
		case FIELD_U32:
			if (!take(body, 4, &p))
				return false;
			*(uint32_t *) target = get_be32(p);
			return true;
		case FIELD_U64:
			if (!take(body, 8, &p))
				return false;
			*(uint64_t *) target = get_be64(p);
			return true;
		case FIELD_TEXT:
		case FIELD_BLOB:
			return take_slice(body, kind == FIELD_BLOB, target);
		case FIELD_END:
			break;
	}
	return false;
}

WireResult
wire_take(Slice *frame, Slice *bytes)
{
	Slice rest = *frame;
	size_t len;

	if (rest.len == 0)
		return WIRE_END;
	if (rest.len < WIRE_HEADER)
		return WIRE_MALFORMED;
	len = WIRE_HEADER + (size_t) get_be32(rest.data + 1);
	if (!take(&rest, len, &bytes->data))
		return WIRE_MALFORMED;
	bytes->len = len;
	*frame = rest;
	return WIRE_MESSAGE;
}

bool
wire_read(Slice bytes, Message *out)
{
	Slice body = bytes;
	const uint8_t *header;
	const Field *fields;
	Message message = {0};

	if (!take(&body, WIRE_HEADER, &header) || (fields = layout_of(header[0])) == NULL)
		return false;
	message.type = (MessageType) header[0];
	for (const Field *field = fields; field->kind != FIELD_END; field++)
		if (!take_field(&body, field->kind, (char *) &message + field->offset))
			return false;
	if (body.len != 0)
		return false;
	*out = message;
	return true;
}

WireResult
wire_next(Slice *frame, Message *out)
{
	Slice rest = *frame;
	Slice bytes;
	WireResult result = wire_take(&rest, &bytes);

	if (result != WIRE_MESSAGE)
		return result;
	if (!wire_read(bytes, out))
		return WIRE_MALFORMED;
	*frame = rest;
	return WIRE_MESSAGE;
}
