-- The schemas of the seed's table, byte for byte what Confluent's JDBC source registers.
\pset format unaligned
\pset tuples_only on
create table t_orders (id serial primary key, num varchar(100));
select wal2avro.value_schema('t_orders');
select wal2avro.key_schema('t_orders');
alter table t_orders add dt date;
select wal2avro.value_schema('t_orders');

-- The stream has the same texts.
select 1 from pg_create_logical_replication_slot('schema', 'wal2avro');
insert into t_orders (num, dt) values ('100-456468', '2024-02-29');
select convert_from(blobs[1], 'UTF8'), convert_from(blobs[2], 'UTF8'),
	convert_from(blobs[3], 'UTF8') = wal2avro.key_schema('t_orders'), convert_from(blobs[4], 'UTF8') = wal2avro.value_schema('t_orders')
from test.messages(test.frames('schema')) where type = 'R';

-- One type after the other.
create table every_type (
	a_bool bool, b_int2 int2, c_int4 int4, d_int8 int8, e_oid oid, f_float4 float4, g_float8 float8, h_numeric numeric(10, 2) not null,
	i_free numeric, j_negative numeric(5, -2), k_small numeric(2, 4), l_text text, m_varchar varchar(3), n_char char(3), o_name name,
	p_uuid uuid, q_json json, r_jsonb jsonb, s_bytea bytea, t_date date, u_time time, v_timestamp timestamp, w_timestamptz timestamptz,
	x_array int[], y_decimals numeric(4, 1)[], z_interval interval, za_inet inet, zb_range int4range, zc_char "char", zd_vector int2vector);
select jsonb_array_elements(wal2avro.value_schema('every_type')::jsonb->'fields')->'type';
select field->>'name', field->'type' from jsonb_array_elements(wal2avro.value_schema('every_type',
	'time.precision.mode=connect,decimal.handling.mode=string,array.handling.mode=text')::jsonb->'fields') field
where field->>'name' ~ '^([hiu-y]|t)_';

-- The exact text of a logical type with parameters.
create table decimals (price numeric(10, 2) not null);
select wal2avro.value_schema('decimals');
select wal2avro.key_schema('decimals') is null;

-- With a namespace.
select wal2avro.value_schema('decimals', 'schema.namespace=srv');
select wal2avro.key_schema('t_orders', 'schema.namespace=srv');
select wal2avro.value_schema('t_orders', 'schema.namespace=');
select wal2avro.value_schema('t_orders', 'schema.namespace=a..b');
select pg_drop_replication_slot('schema');
drop table t_orders, every_type, decimals;
