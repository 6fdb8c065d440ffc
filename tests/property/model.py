"""What the generator knows of the tables: columns, keys, identities. Copied at savepoints, so that a rollback is a return to the copy.

SPDX-License-Identifier: Apache-2.0
"""

import dataclasses

from kinds import array_text, literal


def quote(name):
    return '"' + name.replace('"', '""') + '"'


@dataclasses.dataclass
class Column:
    name: str
    kind: object
    dimensions: int = 0  # of an array; 0: none
    not_null: bool = False
    generated: str = ""  # the expression of a stored generated column
    plain_at_destination: bool = False  # where it is generated at the source alone

    @property
    def sql(self):
        return self.kind.sql + "[]" * self.dimensions

    @property
    def type_name(self):
        return self.kind.sql + ("[]" if self.dimensions else "")

    @property
    def quoted(self):
        return quote(self.name)


@dataclasses.dataclass
class Table:
    schema: str
    name: str
    topic: str  # behind the prefix
    columns: list
    key: list  # names of columns
    identity: str  # key, index, full, keyless full
    destination_key: bool = True
    partitions: list = dataclasses.field(default_factory=list)  # names of leaves, by list on the first column
    root_topic: bool = True
    dropped: list = dataclasses.field(default_factory=list)  # columns that are left at the destination alone
    large: bool = True  # whether values that are stored out of line may be in it

    @property
    def sql(self):
        return f"{quote(self.schema)}.{quote(self.name)}"

    def column(self, name):
        return next(column for column in self.columns if column.name == name)

    @property
    def written(self):
        return [column for column in self.columns if not column.generated]

    def topics(self):
        """(topic behind the prefix, source table as SQL) of all that the table sends."""
        if self.partitions and not self.root_topic:
            return [(leaf, f"{quote(self.schema)}.{quote(leaf)}") for leaf in self.partitions]
        return [(self.topic, self.sql)]


@dataclasses.dataclass
class Model:
    tables: list
    enums: dict  # name as SQL: list of values
    number: int = 0  # of names that were given
    pending: list = dataclasses.field(default_factory=list)  # (enum, value) that hold once the transaction is committed

    def fresh(self):
        self.number += 1
        return self.number


def value(dice, model, column, key=False):
    """A value of a column as a constant of SQL. key: small enough for an index, and never null."""
    if not key and not column.not_null and dice.one_in(7):
        return dice.odd("null", "null")
    dice.met["type " + column.type_name] += 1
    before, dice.small, dice.exact = dice.small, key or dice.small, key
    make = column.kind.make or (lambda dice: dice.choice(model.enums[column.kind.enum]))
    text = array_text(dice, make, column.kind.separator, column.dimensions) if column.dimensions else make(dice)
    dice.small, dice.exact = before, False
    return literal(text)
