"""What happens to rows, beside their types: changes, deletes, other keys, TRUNCATE, TOAST values that stay, rows without a key.

SPDX-License-Identifier: Apache-2.0
"""

from pipeline import run

# TOAST values stay out of the log, unless the old row is in it.
LARGE = "(select string_agg(md5(n::text), '') from generate_series(1, 300) as n)"
TABLES = {
    "o_changes": "id int primary key, a text, b numeric(10,2), at timestamptz",
    "o_keys": "k1 int, k2 text, v text, primary key (k1, k2)",
    "o_toast": "id int primary key, a text, large text",
    "o_toast_full": "id int primary key, a text, large text",
    "o_truncated": "id int primary key, a text",
    "o_mark": "id int primary key",
}
MARK = "o_mark"
# The same rows everywhere; a way that is to lose one of these says so.
COPIED = (
    "insert into o_changes select n, 'copied ' || n, n / 7.0, '2020-01-01 00:00:00.123456+00' from generate_series(1, 20) as n",
    "insert into o_keys values (1, 'a', 'copied'), (2, 'b', 'copied'), (3, 'c', null)",
    "alter table o_toast_full replica identity full",
    *(f"alter table {table} alter large set storage external; insert into {table} values (1, 'copied', {LARGE}), (2, 'copied', {LARGE})"
      for table in ("o_toast", "o_toast_full")),
    "insert into o_truncated values (1, 'goes'), (2, 'goes')",
)
CHANGES = (
    "insert into o_changes select n, 'streamed', null, null from generate_series(21, 40) as n",
    "update o_changes set a = 'changed', b = -b where id % 3 = 0",
    "update o_changes set a = null, at = null where id % 5 = 0",
    "delete from o_changes where id % 4 = 0",
    "begin; insert into o_changes values (100, 'first', 1, null); update o_changes set a = 'second' where id = 100; delete from o_changes where id = 1; "
    "insert into o_changes values (1, 'again', 1, null); commit",
    "begin; insert into o_changes values (101, 'never', 1, null); rollback",
    "update o_keys set k1 = 10 where k1 = 1", "update o_keys set k2 = 'bb', v = 'changed' where k1 = 2", "update o_keys set k1 = k1 + 1 where k1 = 10",
    "update o_toast set a = 'changed' where id = 1", "update o_toast_full set a = 'changed' where id = 1", "update o_toast set large = 'short' where id = 2",
    "truncate o_truncated", "insert into o_truncated values (3, 'stays'), (1, 'stays')",
    f"insert into {MARK} values (1)",
)


def definitions():
    yield from (f"create table {table} ({columns})" for table, columns in TABLES.items())


def fill(connection):
    for statement in COPIED:
        run(connection, statement)


def change(connection):
    for statement in CHANGES:
        run(connection, statement)
