"""The work that is shown and tested: the SQL of the seed's document, and its two connector files with the hosts changed.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

CREATE = "create table t_orders\n(\n\tid serial primary key,\n\tnum varchar(100)\n)"
FIRST_ROW = "insert into t_orders\nvalues\n(1, '100-456468')"
ADD_COLUMN = "alter table t_orders add dt date"
# Takes id 1 from the serial, which the first row has: fails with 23505, and the value is used up.
NEXT_ROW = "insert into t_orders\n(num, dt)\nselect substr(md5(random()::text), 1, 25), now()"
CREATE_DEST = "create table pg_source_t_orders\n(\n\tid INTEGER,\n\tnum varchar(100),\n\tdt date\n)"


def mass_insert(rows):
    return f"INSERT INTO t_orders (num, dt)\nSELECT \n    substr(md5(random()::text), 1, 25),\n    now()\nFROM generate_series(1, {rows})"


def checksum(table):
    """Rows, and a checksum over all rows in the order of id, in bounded memory: each thousand by itself, then the thousands."""
    return f"""select coalesce(sum(n), 0), md5(string_agg(digest, '' order by chunk)) from (
        select id / 1000 as chunk, count(*) as n, md5(string_agg(md5(row(id, num, dt)::text), '' order by id, num)) as digest
        from {table} group by 1) as chunks"""


def connector(kind, changes, directory, name=None, called=None):
    """Writes a changed copy of connectors/<kind>_connector.json into directory, called so or after its name; a change to None takes the property
    away. Returns its path."""
    with open(os.path.join(ROOT, "connectors", f"{kind}_connector.json"), encoding="utf-8") as file:
        content = json.load(file)
    content["config"] = {key: value for key, value in {**content["config"], **changes}.items() if value is not None}
    if name:
        content["name"] = name
    path = os.path.join(directory, called or f"{name or kind}.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
    return path


def hosts(cluster, database, role, password, registry):
    """The changes that bring a file to this stand."""
    return {"connection.url": f"jdbc:postgresql://127.0.0.1:{cluster.port}/{database}", "connection.user": role, "connection.password": password,
            "key.converter.schema.registry.url": registry.url, "value.converter.schema.registry.url": registry.url}
