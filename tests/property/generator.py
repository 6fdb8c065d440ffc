"""Random transactions over random tables. What comes next depends on the seed alone, and on which transactions the server has refused, which is no matter of time.

SPDX-License-Identifier: Apache-2.0
"""

import copy
import dataclasses

from kinds import literal
from model import Column, quote, value
from schemas import kind_of

ROW = '"row of it"'
WIDER = {"int2": "int4", "int4": "int8", "int8": "numeric", "varchar(20)": "text", "numeric(3)": "numeric(18,0)",
         "numeric(18,0)": "numeric(38,0)"}

WIDER_TEXTS = {"float4": "float8", "numeric(10,2)": "numeric(38,10)", "numeric(19,4)": "numeric(1000,500)", "varchar(20)": "varchar"}  # as the text form is another then

# regrole is refused as a constant of the catalog; a column of a domain with constraints makes the server write the table anew, so that nothing tells a sink that adds the column
# what the rows have in it.
NO_DEFAULT = ("regrole", "public.label", "public.positive", "public.smaller")

# Everything that a run has to have met.
STATEMENTS = ("insert", "insert rows", "insert or update", "update", "update nothing", "update all", "update key", "swap keys", "delete", "delete many", "move between partitions")
DDL = ("add column", "add column not null", "drop column", "widen column", "set not null", "drop not null", "set default", "add enum value", "create index", "set storage")
EVOLVING = ("rename column in place", "widen column further")  # only where the sink changes its tables
QUIET = ("rename column", "retype column", "rename table", "recreate table", "rename enum value", "vacuum full", "other key")
TRANSACTIONS = ("single statement", "plain", "savepoints", "rolled back", "large", "with DDL", "interleaved")


@dataclasses.dataclass
class Statement:
    sql: str
    operation: str
    topic: str = ""  # of the table that it is about
    destination: tuple = ()  # what is done there before


@dataclasses.dataclass
class Transaction:
    kind: str
    statements: list
    commit: bool = True
    beside: object = None  # another one, whose statements come in between
    failed: bool = False


@dataclasses.dataclass
class Quiet:
    """Work on both sides while nothing is under way."""

    operation: str
    source: list
    destination: list
    topic: str
    table: object = None  # as it is made anew
    old: str = ""  # the topic before, of a table that is renamed


def picked(table, share, limit):
    """The condition for up to limit rows, the first at that share of all; by their text, as no other order is the same each time."""
    place = "tableoid, ctid" if table.partitions else "ctid"
    count = f"(select ({share:.3f} * count(*))::int from {table.sql})"
    return f'({place}) in (select {place} from {table.sql} as {ROW} order by {ROW}::text collate "C", ctid limit {limit} offset {count})'


class Generator:
    """way: of the round, see round.py."""

    def __init__(self, dice, model, prefix, way):
        self.way = way
        self.dice = dice
        self.model = model
        self.prefix = prefix
        self.quiets = dice.randrange(len(QUIET))

    # ---- rows

    def target(self, table):
        """The table as an insert names it."""
        return f"{table.sql} ({', '.join(column.quoted for column in table.written)})"

    def constant(self, table, column):
        dice, before = self.dice, self.dice.small
        dice.small = not table.large
        if table.partitions and column.name == "part":
            text = literal(str(dice.randrange(4)))
        else:
            text = value(dice, self.model, column, column.name in table.key)
        dice.small = before
        return text

    def row(self, table):
        return "(" + ", ".join(self.constant(table, column) for column in table.written) + ")"

    def insert(self, table, rows=1):
        sql = f"insert into {self.target(table)} values " + ", ".join(self.row(table) for _ in range(rows))
        return Statement(sql + " on conflict do nothing" * (not self.dice.one_in(30)), "insert" if rows == 1 else "insert rows", table.topic)

    def insert_or_update(self, table):
        if not table.key:
            return self.insert(table)
        rest = [column for column in table.written if column.name not in table.key]
        changes = ", ".join(f"{column.quoted} = excluded.{column.quoted}" for column in rest)
        key = ", ".join(quote(name) for name in table.key)
        return Statement(f"insert into {self.target(table)} values {self.row(table)} on conflict ({key}) do update set {changes}", "insert or update", table.topic)

    def changes(self, table, columns):
        return ", ".join(f"{column.quoted} = {self.constant(table, column)}" for column in columns)

    def update(self, table):
        dice = self.dice
        rest = [column for column in table.written if column.name not in table.key]
        kind = dice.choices(("update", "update nothing", "update all"), (8, 1, 1))[0]
        columns = dice.sample(rest, min(len(rest), dice.randrange(1, 4)))
        if kind == "update nothing":
            changes = f"{rest[0].quoted} = {rest[0].quoted}"
        else:
            changes = self.changes(table, columns)
        where = "" if kind == "update all" else " where " + picked(table, dice.random(), dice.pick(1, 1, 1, 3, 10))
        return Statement(f"update {table.sql} set {changes}{where}", kind, table.topic)

    @staticmethod
    def touch(table):
        """An update of one row that changes nothing."""
        column = table.written[0].quoted
        return f"update {table.sql} set {column} = {column} where {picked(table, 0, 1000 if table.partitions else 1)}"

    def update_key(self, table):
        if not table.key:
            return self.update(table)
        if table.partitions:
            part = f"part = {self.dice.randrange(4)}"
            return Statement(f"update {table.sql} set {part} where {picked(table, self.dice.random(), 1)}", "move between partitions", table.topic)
        names = self.dice.sample(table.key, self.dice.randrange(1, len(table.key) + 1))
        columns = [table.column(name) for name in names]
        if self.dice.one_in(3):
            columns += self.dice.sample([column for column in table.written if column.name not in table.key], 1)
        return Statement(f"update {table.sql} set {self.changes(table, columns)} where {picked(table, self.dice.random(), 1)}", "update key", table.topic)

    def swap(self, table):
        """Two rows take each other's key, by way of a third; the order of rows may be another behind each step, so they are found by what was read."""
        # A variable of a composite type would take the columns of the row one by one.
        if not table.key or table.partitions or any("pair" in table.column(name).kind.sql for name in table.key):
            return self.update(table)
        keys = [quote(name) for name in table.key]
        names = {key: f"{table.sql}.{key}%type" for key in keys}
        first = "; ".join(f"old_a{number} {names[key]}; old_b{number} {names[key]}; other{number} {names[key]} := {self.constant(table, table.column(name))}"
                          for number, (key, name) in enumerate(zip(keys, table.key)))

        def variables(letter):
            return ", ".join(f"{letter}{number}" for number in range(len(keys)))

        def step(old, new):
            changes = ", ".join(f"{key} = {new}{number}" for number, key in enumerate(keys))
            same = " and ".join(f"{key} = {old}{number}" for number, key in enumerate(keys))
            return f"update {table.sql} set {changes} where {same};"

        share = self.dice.random() * 0.8
        order = f'from {table.sql} as {ROW} order by {ROW}::text collate "C", ctid limit 1 offset'
        count = f"(select ({share:.3f} * count(*))::int from {table.sql})"
        # The names of columns hide those of variables only where they are equal, and none begins so.
        body = (f"declare {first}; begin select {', '.join(keys)} into {variables('old_a')} {order} {count}; "
                f"select {', '.join(keys)} into {variables('old_b')} {order} 1 + {count}; if not found then return; end if; "
                + step("old_a", "other") + step("old_b", "old_a") + step("other", "old_b") + " end")
        return Statement(f"do {literal('#variable_conflict use_column' + chr(10) + body)}", "swap keys", table.topic)

    def delete(self, table):
        many = self.dice.one_in(6)
        limit = f"(select count(*) / 2 from {table.sql})" if many else "1"
        return Statement(f"delete from {table.sql} where {picked(table, self.dice.random() / (2 if many else 1), limit)}", "delete many" if many else "delete", table.topic)

    def truncate(self, table):
        return Statement(f"truncate {table.sql}", "truncate", table.topic)

    def statement(self, table=None, rows=None):
        dice = self.dice
        table = table or dice.choice(self.model.tables)
        makers = [(self.insert, 30), (lambda table: self.insert(table, rows or dice.randrange(2, 6)), 10), (self.insert_or_update, 8), (self.update, 30), (self.update_key, 10),
                  (self.swap, 4), (self.delete, 14)]
        if self.way.truncate:
            makers.append((self.truncate, 1))
        return dice.choices([maker for maker, _ in makers], [weight for _, weight in makers])[0](table)

    # ---- changes of tables

    def plain_columns(self, table):
        return [column for column in table.written if column.name not in table.key and column.name not in ("origin", "part")]

    def destinations(self, table):
        return [quote(self.prefix + topic) for topic, _ in table.topics()]

    def ddl(self, table, operation):
        """A statement, and the model changed; None where the table has nothing for it."""
        method = getattr(self, operation.replace(" ", "_"))
        return method(table)

    def make_ddl(self, table, operation, sql, *changes):
        destination = () if self.way.evolve else tuple(f"alter table {name} {change}" for name in self.destinations(table) for change in changes)
        return Statement(sql, operation, table.topic, destination)

    def add_column(self, table, not_null=False):
        dice = self.dice
        kind = dice.choice([kind for kind in self.kinds() if kind.sql not in NO_DEFAULT])
        dimensions = dice.pick(0, 0, 0, 1) if kind.array else 0
        column = Column(f"added {self.model.fresh()}", kind, dimensions, not_null)
        text = f"add column {column.quoted} {column.sql}"
        if not_null or dice.one_in(4):
            column.not_null = True
            constant = value(dice, self.model, column, True)
            column.not_null = not_null
            text += " not null" * not_null + f" default {constant}"
        table.columns.append(column)
        return self.make_ddl(table, "add column not null" if not_null else "add column", f"alter table {table.sql} {text}", text)

    def kinds(self):
        return [column.kind for table in self.model.tables for column in table.columns]

    def add_column_not_null(self, table):
        return self.add_column(table, True)

    def drop_column(self, table):
        columns = self.plain_columns(table)
        if len(columns) < 4:
            return None
        column = self.dice.choice(columns)
        table.columns.remove(column)
        table.dropped.append(column.name)
        return self.make_ddl(table, "drop column", f"alter table {table.sql} drop column {column.quoted}", f"alter column {column.quoted} drop not null")

    def widen_column(self, table, wider=None, operation="widen column"):
        wider = wider or WIDER
        columns = [column for column in self.plain_columns(table) if column.kind.sql in wider and not column.dimensions]
        if not columns:
            return None
        column = self.dice.choice(columns)
        column.kind = kind_of(wider[column.kind.sql])
        text = f"alter column {column.quoted} type {column.sql}"
        return self.make_ddl(table, operation, f"alter table {table.sql} {text}", text)

    def widen_column_further(self, table):
        return self.widen_column(table, WIDER_TEXTS, "widen column further")

    def rename_column_in_place(self, table):
        column = self.dice.choice(self.plain_columns(table))
        old = column.quoted
        column.name = f"Moved {self.model.fresh()}"
        return Statement(f"alter table {table.sql} rename column {old} to {column.quoted}", "rename column in place", table.topic)

    def set_not_null(self, table):
        columns = [column for column in self.plain_columns(table) if not column.not_null]
        if not columns:
            return None
        column = self.dice.choice(columns)
        column.not_null = True
        constant = self.constant(table, column)
        # An update and the change of its table in one transaction: the rows may have events that wait, but there are no triggers here.
        return Statement(f"update {table.sql} set {column.quoted} = {constant} where {column.quoted} is null; alter table {table.sql} alter column {column.quoted} set not null",
                         "set not null", table.topic)

    def drop_not_null(self, table):
        columns = [column for column in self.plain_columns(table) if column.not_null and column.kind.sql != "public.label"]
        if not columns:
            return None
        column = self.dice.choice(columns)
        column.not_null = False
        return self.make_ddl(table, "drop not null", f"alter table {table.sql} alter column {column.quoted} drop not null", f"alter column {column.quoted} drop not null")

    def set_default(self, table):
        columns = [column for column in self.plain_columns(table) if column.kind.sql not in NO_DEFAULT]
        if not columns:
            return None
        column = self.dice.choice(columns)
        return Statement(f"alter table {table.sql} alter column {column.quoted} set default {self.constant(table, column)}", "set default", table.topic)

    def add_enum_value(self, table):
        name = self.dice.choice(list(self.model.enums))
        label = f"{self.dice.pick('new', 'neu ü', 'né' + chr(39))} {self.model.fresh()}"
        old = self.dice.choice(self.model.enums[name])
        self.model.pending.append((name, label))
        text = f"alter type {name} add value if not exists {literal(label)} {self.dice.pick('before', 'after')} {literal(old)}"
        return Statement(text, "add enum value", table.topic, (text,))

    def create_index(self, table):
        column = self.dice.choice(table.columns)
        return Statement(f"create index on {table.sql} (({column.quoted} is null))", "create index", table.topic)

    def set_storage(self, table):
        columns = [column for column in self.plain_columns(table) if column.kind.sql in ("text", "bytea", "jsonb", "varchar")]
        if not columns:
            return None
        way = self.dice.pick("external", "extended", "main")
        return Statement(f"alter table {table.sql} alter column {self.dice.choice(columns).quoted} set storage {way}", "set storage", table.topic)

    # ---- transactions

    def transaction(self):
        """The next one. The model is as if it had gone through; settle() says whether it has."""
        kind = self.dice.choices(TRANSACTIONS, (30, 30, 10, 6, 4, 8, 6))[0]
        self.before = copy.deepcopy(self.model)
        self.model.pending = []
        made = Transaction(kind, self.body(kind))
        if kind == "rolled back":
            made.commit = False
        if kind == "interleaved":
            self.interleave(made)
        return made

    def settle(self, done):
        if not done:
            number = self.model.number
            self.model = self.before
            self.model.number = number
        for name, label in self.model.pending if done else ():
            self.model.enums[name].append(label)
        self.model.pending = []

    def body(self, kind):
        dice = self.dice
        if kind == "single statement":
            return [self.statement()]
        if kind == "savepoints":
            return self.with_savepoints(3)
        if kind == "large":
            table = dice.choice(self.model.tables)
            return [self.statement(dice.pick(table, None), 30) for _ in range(dice.randrange(15, 40))]
        if kind == "with DDL":
            return self.with_ddl()
        return [self.statement() for _ in range(dice.randrange(2, 5))]

    def with_savepoints(self, depth):
        """Statements, and savepoints with statements, released or rolled back, in each other."""
        dice, made = self.dice, []
        for _ in range(dice.randrange(1, 4)):
            made.append(self.statement())
        if depth:
            name, before = f"s{depth}", copy.deepcopy(self.model)
            made.append(Statement(f"savepoint {name}", "savepoint"))
            made += self.with_ddl() if dice.one_in(3) else self.with_savepoints(depth - 1)
            if dice.one_in(2):
                made.append(Statement(f"rollback to savepoint {name}", "rollback to savepoint"))
                before.number = self.model.number
                self.model = before
            else:
                made.append(Statement(f"release savepoint {name}", "release savepoint"))
            made.append(self.statement())
        return made

    def with_ddl(self):
        dice = self.dice
        table = dice.choice(self.model.tables)
        made = [self.statement(table) for _ in range(dice.randrange(0, 3))]
        for _ in range(dice.randrange(1, 3)):
            statement = self.ddl(table, dice.choice((*DDL, *EVOLVING * self.way.evolve)))
            if statement:
                made.append(statement)
            made += [self.statement(table) for _ in range(dice.randrange(1, 3))]
        return made

    def interleave(self, made):
        """A second session at the same time, on other tables, so that neither waits for the other."""
        half = len(self.model.tables) // 2
        tables = list(self.model.tables)
        self.dice.shuffle(tables)
        made.statements = [self.statement(self.dice.choice(tables[:half])) for _ in range(self.dice.randrange(2, 6))]
        other = [self.statement(self.dice.choice(tables[half:])) for _ in range(self.dice.randrange(2, 6))]
        made.beside = Transaction("interleaved", other, not self.dice.one_in(4))

    # ---- what needs both sides at rest

    def quiet(self):
        """The operations in turn: there are few of them in a round, and all are to occur."""
        self.quiets += 1
        make = getattr(self, "quiet_" + QUIET[self.quiets % len(QUIET)].replace(" ", "_"))
        tables = list(self.model.tables)
        self.dice.shuffle(tables)
        return next(filter(None, map(make, tables)), None) or self.quiet_vacuum_full(tables[0])

    def both(self, operation, table, change):
        """The same ALTER TABLE on both sides."""
        return Quiet(operation, [f"alter table {table.sql} {change}"], [f"alter table if exists {name} {change}" for name in self.destinations(table)], table.topic)

    def quiet_rename_column(self, table):
        columns = self.plain_columns(table)
        column = self.dice.choice(columns)
        old = column.quoted
        column.name = f"Renamed {self.model.fresh()}"
        return self.both("rename column", table, f"rename column {old} to {column.quoted}")

    def quiet_retype_column(self, table):
        columns = [column for column in self.plain_columns(table) if column.kind.sql != "text"]
        if not columns:
            return None
        column = self.dice.choice(columns)
        column.kind, column.dimensions = kind_of("text"), 0
        change = f"alter column {column.quoted} drop default, alter column {column.quoted} type text using format('%s', {column.quoted})"
        if not column.not_null:
            change = change.replace(f"format('%s', {column.quoted})", f"case when {column.quoted} is null then null else format('%s', {column.quoted}) end")
        return self.both("retype column", table, change)

    def quiet_rename_table(self, table):
        if table.partitions:
            return None
        old, old_topic = table.sql, table.topic
        table.name = table.topic = f"{table.topic.split('-r')[0]}-r{self.model.fresh()}"
        # The index keeps its name.
        return Quiet("rename table", [f"alter table {old} rename to {quote(table.name)}"],
                     [f"alter table if exists {quote(self.prefix + old_topic)} rename to {quote(self.prefix + table.topic)}"], table.topic, old=old_topic)

    def quiet_recreate_table(self, table):
        from schemas import create_source
        if table.partitions:
            return None
        extra = self.dice.choice(self.kinds())
        table.columns.append(Column(f"again {self.model.fresh()}", extra, not_null=extra.sql == "public.label"))
        self.dice.shuffle(table.columns)
        table.dropped = []
        return Quiet("recreate table", [f"drop table {table.sql}", *create_source(table)], ["recreate"], table.topic, table=copy.deepcopy(table))

    def quiet_rename_enum_value(self, table):
        name = self.dice.choice(list(self.model.enums))
        labels = self.model.enums[name]
        place = self.dice.randrange(len(labels))
        old, labels[place] = labels[place], f"renamed {self.model.fresh()}"
        change = f"alter type {name} rename value {literal(old)} to {literal(labels[place])}"
        return Quiet("rename enum value", [change], [change], table.topic)

    def quiet_vacuum_full(self, table):
        return Quiet("vacuum full", [f"vacuum full {table.sql}"], [], table.topic)

    def quiet_other_key(self, table):
        """The key gets one more column, which all rows have in common."""
        if table.identity not in ("key", "full") or table.partitions or len(table.key) > 3:
            return None
        column = Column(f"key {self.model.fresh()}", kind_of("int4"), not_null=True)
        table.columns.append(column)
        table.key.append(column.name)
        keys = ", ".join(quote(name) for name in table.key)
        add = f"add column {column.quoted} int4 not null default 7"
        drop = "do $$ declare c name; begin select conname into c from pg_constraint where conrelid = to_regclass('%s') and contype = 'p'; " \
               "if found then execute format('alter table %s drop constraint %%I', c); end if; end $$"
        source = [f"alter table {table.sql} {add}", drop % (table.sql.replace("'", "''"), table.sql.replace("%", "%%").replace("'", "''")),
                  f"alter table {table.sql} add primary key ({keys})"]
        destination = []
        for name in self.destinations(table):
            destination += [f"alter table if exists {name} {add}", drop % (name, name)]
            if table.destination_key:
                destination.append(f"alter table if exists {name} add primary key ({keys})")
        return Quiet("other key", source, destination, table.topic)
