/*
 * plugin/type_array.c - see type_array.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/type_array.h"

#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

/* The elements of a value that are not written yet. */
typedef struct Elements
{
	const ValueType *type; /* of the array */
	const Datum *values;
	const bool *nulls;
} Elements;

/* Elements that are arrays themselves (of a domain over an array) would be told from dimensions by
 * nobody. */
bool
array_is_wanted(const TypeRequest *request)
{
	Oid element = getBaseType(get_element_type(request->oid));

	return request->options->array_handling == ARRAYS_AS_ARRAYS &&
		   !OidIsValid(get_element_type(element));
}

void
array_setup(ValueType *type, const TypeRequest *request)
{
	ValueType *element;
	Oid parameter;
	Oid output;

	type->element_oid = get_element_type(request->oid);
	get_type_io_data(type->element_oid, IOFunc_output, &type->element_length,
					 &type->element_by_value, &type->element_align, &type->delimiter, &parameter,
					 &output);
	element = types_resolve_part(request, type->element_oid, request->typmod);
	type->element = element;
	type->needs_settings |= element->needs_settings;
	type->ambiguous = element->ambiguous;
	type->encoding = element->encoding;
	type->named = element->named;
	type->named_schema = element->named_schema;
	type->dimensions = Max(1, Min(request->dimensions, MAXDIM));
	type->schema = psprintf("{\"type\":\"array\",\"items\":[\"null\",%s]}", element->schema);
	for (int i = 1; i < type->dimensions; i++)
		type->schema = psprintf("{\"type\":\"array\",\"items\":%s}", type->schema);
}

static void
put_elements(Output *out, Elements *rest, int count)
{
	const ValueType *element = rest->type->element;

	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		output_long(out, *rest->nulls ? 0 : 1); /* branch of the union */
		if (!*rest->nulls)
			element->encode(out, element, *rest->values);
		rest->values++;
		rest->nulls++;
	}
}

/* lengths: of the dimensions from here to the innermost, which is the last. */
static void
put_nested(Output *out, Elements *rest, int dimensions, const int *lengths)
{
	if (lengths[0] > 0)
		output_long(out, lengths[0]);
	if (dimensions == 1)
		put_elements(out, rest, lengths[0]);
	else
		for (int i = 0; i < lengths[0]; i++)
			put_nested(out, rest, dimensions - 1, lengths + 1);
	output_long(out, 0); /* end of the blocks */
}

/* Whether the dimensions are those that the schema has; an empty array fits every schema. */
static bool
has_declared_shape(const ValueType *type, ArrayType *array)
{
	if (ARR_NDIM(array) == 0)
		return true;
	for (int i = 0; i < ARR_NDIM(array); i++)
		if (ARR_LBOUND(array)[i] != 1)
			return false;
	return ARR_NDIM(array) == type->dimensions;
}

void
encode_array(Output *out, const ValueType *type, Datum value)
{
	ArrayType *array = DatumGetArrayTypeP(value);
	int lengths[MAXDIM] = {0};
	Datum *values;
	bool *nulls;
	int count;

	deconstruct_array(array, type->element_oid, type->element_length, type->element_by_value,
					  type->element_align, &values, &nulls, &count);
	if (has_declared_shape(type, array))
		memcpy(lengths, ARR_DIMS(array), sizeof(int) * ARR_NDIM(array));
	else
	{
		output_inexact(out);
		for (int i = 0; i < type->dimensions - 1; i++)
			lengths[i] = 1;
		lengths[type->dimensions - 1] = count;
	}
	put_nested(out, &(Elements){.type = type, .values = values, .nulls = nulls}, type->dimensions,
			   lengths);
}
