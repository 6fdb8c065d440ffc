"""Random tables: every type in some column, every kind of key and identity, names that need quoting.

SPDX-License-Identifier: Apache-2.0
"""

from kinds import KINDS
from model import Column, Model, Table, quote

WEIRD_NAMES = ("Upper", "with space", 'quo"te', "apo's", "dot.ted", "select", "ünïcödé", "🐘", "x" * 63, "1st", "dash-ed", "back\\slash", "100%", "$1", "a__b",
               "_u0041", "NULL", "tab\tbed", "new\nline", "é" * 31, "日本", "user", "{}", "key", "value")
ENUMS = {"public.mood": ["sad", "ok", "happy", "", "it's", "two words", "🐘"], 'public."Weird ""Enum"""': ["A", "a", "B"]}

# What a round's tables are like; identity, and what else. Each round has one of each.
SHAPES = (
    ("key", {}), ("key", {}), ("key", {"large": True}), ("key", {"weird": True}), ("key", {"generated": True}), ("key", {"partitioned": True}),
    ("full", {"large": True}), ("full", {"weird": True}), ("index", {}), ("index", {"large": True, "weird": True}), ("keyless full", {}), ("keyless full", {"large": True}),
)
NOT_SIMPLE = ("date", "time", "timetz", "timestamp", "timestamptz", "interval", "numeric", "bit", "varbit", "xid8")
WEIRD_SCHEMA = 'Sche"ma é'


def deal(cards, hands):
    """All cards, as evenly as can be."""
    return [cards[start::hands] for start in range(hands)]


def make_model(dice, way):
    """way.share of way.shares: which of the types have their arrays in this round, so that all do in that many rounds."""
    scalars = list(KINDS)
    arrays = [kind for kind in KINDS if kind.array][way.share::way.shares]
    dice.shuffle(scalars)
    dice.shuffle(arrays)
    tables = []
    for number, (shape, kinds, element_kinds) in enumerate(zip(SHAPES, deal(scalars, len(SHAPES)), deal(arrays, len(SHAPES)))):
        tables.append(make_table(dice, number, shape, kinds, element_kinds, way))
    return Model(tables, {name: list(values) for name, values in ENUMS.items()}, 100)


def make_table(dice, number, shape, kinds, element_kinds, way):
    identity, extra = shape
    weird = extra.get("weird", False)
    names = list(WEIRD_NAMES)
    dice.shuffle(names)

    def name():
        return names.pop() if weird and names else f"c{len(columns)}"

    columns = []
    keys = [kind for kind in KINDS if kind.key and kind.sql not in ("bool", "public.label") and not (way.simple_keys and kind.base.split()[0] in NOT_SIMPLE)]
    for _ in range(0 if identity == "keyless full" else dice.randrange(1, 4)):
        columns.append(Column(name(), dice.choice(keys), not_null=True))
    if extra.get("partitioned"):
        columns.insert(0, Column("part", kind_of("int4"), not_null=True))
    key = [column.name for column in columns]
    if len(key) > 1 and dice.one_in(2):
        # The order in the key need not be that of the columns.
        dice.shuffle(key)
    for kind in kinds:
        columns.append(Column(name(), kind, not_null=kind.sql == "public.label" or dice.one_in(6)))
    for kind in element_kinds:
        columns.append(Column(name(), kind, dimensions=dice.pick(1, 1, 1, 2, 3), not_null=dice.one_in(6)))
    if extra.get("generated"):
        columns.append(Column("origin", kind_of("int4")))
        columns.append(Column("doubled", kind_of("numeric"), generated="origin::numeric * 2", plain_at_destination=dice.one_in(2)))
        columns.append(Column("digest", kind_of("text"), generated="md5(coalesce(origin, 0)::text)", plain_at_destination=dice.one_in(2)))
    schema, table = (WEIRD_SCHEMA, f"Wei-rd_{number}") if weird else ("public", f"t{number}")
    leaves = [f"{table}_{part}" for part in range(3)] if extra.get("partitioned") else []
    return Table(schema, table, table, columns, key, identity, identity != "keyless full" and dice.one_in(2), leaves, way.root, large=extra.get("large", False))


def kind_of(sql):
    return next(kind for kind in KINDS if kind.sql == sql)


def definition(column, destination=False):
    text = f"{column.quoted} {column.sql}"
    if column.generated and not (destination and column.plain_at_destination):
        text += f" generated always as ({column.generated}) stored"
    return text + " not null" * (column.not_null and not destination)


def create_source(table):
    """The statements that make a table at the source."""
    columns = ", ".join(definition(column) for column in table.columns)
    key = ", ".join(quote(name) for name in table.key)
    if table.key and table.identity != "index":
        columns += f", primary key ({key})"
    yield f"create table {table.sql} ({columns})" + " partition by list (part)" * bool(table.partitions)
    for number, leaf in enumerate(table.partitions):
        bound = f"for values in ({number})" if number + 1 < len(table.partitions) else "default"
        yield f"create table {quote(table.schema)}.{quote(leaf)} partition of {table.sql} {bound}"
    if "full" in table.identity:
        yield f"alter table {table.sql} replica identity full"
    if table.identity == "index":
        index = table.topic + "_identity"
        yield f"create unique index {quote(index)} on {table.sql} ({key})"
        yield f"alter table {table.sql} replica identity using index {quote(index)}"


def create_destination(table, name, owner):
    """The statements that make a table at the destination, which has the topic's name."""
    columns = ", ".join(definition(column, True) for column in table.columns)
    if table.destination_key:
        columns += ", primary key (" + ", ".join(quote(part) for part in table.key) + ")"
    yield f"create table {name} ({columns})"
    yield f"alter table {name} owner to {owner}"
