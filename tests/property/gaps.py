"""What is left out of the random work, each with the reason. Empty: nothing is.

SPDX-License-Identifier: Apache-2.0
"""

KNOWN = {
    "type regclass": "the sink casts the text, which does not know -",
    "type regclass[]": "the same",
    "type box[]": "its elements are divided by semicolons",
    "default of a column that the sink adds": "it is in the schema only where Avro has a form for it and the column is NOT NULL",
    "key of an extension's type": "operators that are not in pg_catalog",
}


def gap(name):
    return name in KNOWN
