-- What not every build of PostgreSQL has: the types of contrib, and xml. The rest is in all_types.
select setting ~ 'libxml' and (select count(*) from pg_available_extensions where name in ('hstore', 'ltree', 'citext', 'cube', 'isn')) = 5 as has_them
from pg_config where name = 'CONFIGURE' \gset
\if :has_them
\else
\quit
\endif
create schema optional;
set search_path = optional, public;
create extension hstore schema optional;
create extension ltree schema optional;
create extension citext schema optional;
create extension cube schema optional;
create extension isn schema optional;
truncate test.samples, test.carried;
insert into test.samples (type, samples) values
	('xml', $$'<a b="c">&lt;</a>' ;; '' ;; '<?xml version="1.0" encoding="latin1"?><a/>'$$),
	('xml[]', $$array['<a/>', null]::xml[]$$),
	('hstore', $$'a=>1, "b c"=>NULL, ""=>"\"\\"' ;; '' ;; 'ü=>🐘'$$),
	('hstore[]', $$array['a=>1', null]::hstore[]$$),
	('ltree', $$'a.b_1'$$),
	('lquery', $$'a.*{1,2}.b'$$),
	('citext', $$'aB'$$),
	('cube', $$'(1,2),(3,0.1)'$$),
	('isbn13', $$'978-0-393-04002-9'$$),
	('issn', $$'1436-4522'$$);
call test.fill();
\a\t
call test.carry('ours', 'schema.column.types=all');
select type, schema, name, "values" from test.carried join test.samples using (type) where style = 'ours' order by position;
call test.carry('jdbc', 'time.precision.mode=connect,schema.column.types=extra');
select string_agg(type, ', ' order by position) from test.carried join test.samples using (type) where style = 'jdbc' and name is null;
call test.carry('debezium', 'schema.style=debezium,hstore.handling.mode=json');
select * from test.changed('debezium', 'ours');
call test.carry('map', 'hstore.handling.mode=map');
select * from test.changed('map', 'ours');
set client_min_messages = warning;
drop schema optional cascade;
