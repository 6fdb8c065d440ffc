/*
 * sink/pgtypes.h - oids of PostgreSQL's built-in types (src/include/catalog/pg_type.dat; they never
 * change).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_PGTYPES_H
#define WAL2AVRO_SINK_PGTYPES_H

#define PG_BOOL		   16
#define PG_BYTEA	   17
#define PG_CHAR		   18 /* "char" */
#define PG_NAME		   19
#define PG_INT8		   20
#define PG_INT2		   21
#define PG_INT4		   23
#define PG_TEXT		   25
#define PG_OID		   26
#define PG_JSON		   114
#define PG_XML		   142
#define PG_FLOAT4	   700
#define PG_FLOAT8	   701
#define PG_POINT	   600
#define PG_BPCHAR	   1042
#define PG_VARCHAR	   1043
#define PG_DATE		   1082
#define PG_TIME		   1083
#define PG_TIMESTAMP   1114
#define PG_TIMESTAMPTZ 1184
#define PG_INTERVAL	   1186
#define PG_TIMETZ	   1266
#define PG_BIT		   1560
#define PG_VARBIT	   1562
#define PG_NUMERIC	   1700
#define PG_UUID		   2950
#define PG_JSONB	   3802

#endif
