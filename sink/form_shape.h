/*
 * sink/form_shape.h - the forms of points, geometries and sparse vectors, for sink/form.c.
 *
 * What Debezium's records hold: its documentation, "Spatial data types" and "pgvector types".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_FORM_SHAPE_H
#define WAL2AVRO_SINK_FORM_SHAPE_H

#include "sink/convert.h"
#include "sink/walk.h"

/* The value of one field of a record, behind its union branch; false: there is none, or it is null.
 */
bool form_find(const Schema *record, Slice in, const char *name, const Schema **schema,
			   Slice *value);

/* All of them take a record off *in and append a text. NULL, or what is wrong. */

/* {x, y, ...} as (x,y). */
const char *form_put_point(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out);

/* {a, b, c} as {a,b,c}, and {center, radius} as <(x,y),r>. */
const char *form_put_line(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out);
const char *form_put_circle(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out);

/* {wkb, extensions} as a lseg, a path, a polygon or a box, by the type's name. */
const char *form_put_shape(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out);

/* {wkb, srid} as PostGIS reads it: extended well-known binary in hexadecimal. */
const char *form_put_ewkb(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out);

/* {dimensions, vector} as pgvector reads it: {1:0.5,3:2}/5. */
const char *form_put_sparse(const Schema *schema, const ColumnType *type, Slice *in, Buffer *out);

#endif
