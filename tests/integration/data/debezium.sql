-- What the real Debezium and ours are given: before they start, and, behind the line, one statement after the other while they stream.
create schema inv;
grant usage on schema inv to wal2avro_relay;
alter default privileges in schema inv grant select on tables to wal2avro_relay;
create table public.plain (id serial primary key, name text not null default 'x', qty int, note varchar(20));
create table inv.full_one (a int, b text, v text, primary key (a, b));
alter table inv.full_one replica identity full;
create table public.nokey (v int not null, w text);
alter table public.nokey replica identity full;
create table public.nokey_default (v int, w text);
create table inv.single (id int primary key);
insert into inv.single values (1);
insert into public.plain (name, qty) values ('one', 1), ('two', null), ('three', 3);
insert into inv.full_one values (1, 'x', 'v'), (2, 'y', null);
----
insert into plain (name, qty, note) values ('four', 4, 'n')
update plain set qty = 5 where id = 4
update plain set id = 40 where id = 4
delete from plain where id = 40
begin; insert into plain (name) values ('five'); insert into inv.full_one values (3, 'z', 'w'); savepoint s; insert into plain (name) values ('rolled'); rollback to s; update inv.full_one set v = 'u' where a = 3; insert into plain (name) values ('six'); insert into nokey values (1, 'a'); commit
update inv.full_one set b = 'z"\é' where a = 3
delete from inv.full_one where a = 3
insert into nokey values (2, 'b'), (2, 'b')
update nokey set w = 'c' where v = 1
delete from nokey where v = 1
insert into nokey_default values (1, 'q')
truncate plain, inv.full_one
begin; insert into plain (name) values ('t'); update plain set name = 't2'; update plain set id = id + 1000; delete from plain; commit
create table ddl (id int primary key); grant select on ddl to public; insert into ddl values (1); alter table ddl add x text; insert into ddl values (2, 'd')
