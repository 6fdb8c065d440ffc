"""Source and destination compared in the destination's database: EXCEPT ALL both ways on the text forms, and the record images in order.

SPDX-License-Identifier: Apache-2.0
"""

import io

from kinds import literal
from model import quote

COPY = "property_copy"


class Difference(Exception):
    """A table whose rows are not the same at both sides."""

    def __init__(self, topic, text):
        super().__init__(text)
        self.topic = topic


def form(column):
    """The text form by the type's output function, as a cast to text is not for every type."""
    return f"case when {column.quoted} is null then null else format('%s', {column.quoted}) end"


def forms(columns):
    return ", ".join(form(column) for column in columns)


def transfer(pipeline, table, source_table, columns):
    """A table of the source's types with the source's rows, in the destination's database."""
    names = ", ".join(column.quoted for column in columns)
    buffer = io.BytesIO()
    with pipeline.source.cursor() as cursor:
        cursor.copy_expert(f"copy (select {names} from {source_table}) to stdout", buffer)
    buffer.seek(0)
    pipeline.run_dest(f"drop table if exists {COPY}")
    pipeline.run_dest(f"create unlogged table {COPY} ({', '.join(f'{column.quoted} {column.sql}' for column in columns)})")
    with pipeline.dest.cursor() as cursor:
        cursor.copy_expert(f"copy {COPY} ({names}) from stdin", buffer)


def same_types(pipeline, name):
    """The columns whose types are the same in both tables."""
    return {row[0] for row in pipeline.run_dest(f"""select s.attname from pg_attribute s join pg_attribute d on d.attname = s.attname and d.atttypid = s.atttypid and d.atttypmod = s.atttypmod
        where s.attrelid = {literal(COPY)}::regclass and d.attrelid = {literal(name)}::regclass and s.attnum > 0 and not s.attisdropped""")}


def check(pipeline, table, topic, source_table):
    """Raises where the rows of one table are not those of its topic's table at the destination."""
    name = quote(pipeline.prefix + topic)
    columns = table.columns
    if not pipeline.run_dest(f"select to_regclass({literal(name)})")[0][0]:
        if pipeline.run_source(f"select 1 from {source_table} limit 1"):
            raise Difference(topic, f"table {topic} has rows at the source, and is not there at the destination")
        return 0
    transfer(pipeline, table, source_table, columns)
    if not pipeline.run_dest(f"select 1 from {COPY} limit 1"):
        # No row may have told the sink of the newest columns.
        rows = pipeline.run_dest(f"select * from {name} limit 2")
        if rows:
            raise Difference(topic, f"table {topic} has no rows at the source, and these at the destination: {[shortened(row) for row in rows]}")
        return 0
    wanted, found = f"select {forms(columns)} from {COPY}", f"select {forms(columns)} from {name}"
    missing = pipeline.run_dest(f"{wanted} except all {found}")
    extra = pipeline.run_dest(f"{found} except all {wanted}")
    if missing or extra:
        raise Difference(topic, described(table, topic, missing, extra))
    images = [column.quoted for column in columns if column.name in same_types(pipeline, name)]
    check_images(pipeline, topic, name, images)
    return pipeline.run_dest(f"select count(*) from {COPY}")[0][0]


def other_image(pipeline, name, columns):
    """The texts of the first two rows, in the order of their images, that are not the same bytes; None: all are."""

    def ordered(table):
        return f'select true, r, row_number() over (order by r using *<) from (select row({", ".join(columns)}) from {table}) as rows (r)'

    rows = pipeline.run_dest(f"""select s.r::text, d.r::text from ({ordered(COPY)}) as s (here, r, n) full join ({ordered(name)}) as d (there, r, n) using (n)
        where here is null or there is null or not s.r *= d.r limit 1""")
    return rows[0] if rows else None


def check_images(pipeline, topic, name, columns):
    """Raises where rows are the same by their texts, but not by their bytes."""
    if not columns or not other_image(pipeline, name, columns):
        return
    found = [(column, other_image(pipeline, name, [column])) for column in columns]
    parts = [f"  column {column}: source {shortened(pair[0])}, destination {shortened(pair[1])}" for column, pair in found if pair]
    raise Difference(topic, "\n".join([f"table {topic}: the images of rows differ though their texts are equal", *parts]))


def shortened(value):
    text = repr(value)
    return text if len(text) < 300 else f"{text[:140]}...{text[-140:]} ({len(value)} characters)"


def described(table, topic, missing, extra):
    """Says the table, and of the two rows that have most in common the columns in which they differ."""
    lines = [f"table {topic}: {len(missing)} rows of the source are missing at the destination, {len(extra)} there are not of the source"]
    names = [column.name for column in table.columns]
    if missing and extra:
        row, other = max(((one, two) for one in missing[:50] for two in extra[:50]), key=lambda pair: sum(a == b for a, b in zip(*pair)))
        for name, column, here, there in zip(names, table.columns, row, other):
            if here != there:
                lines.append(f"  column {name} ({column.sql}): source {shortened(here)}, destination {shortened(there)}")
    for what, rows in (("missing", missing[:2]), ("too many", extra[:2])):
        for row in rows:
            key = {name: shortened(value) for name, value in zip(names, row) if name in table.key}
            lines.append(f"  {what}: key {key}" if key else f"  {what}: {[shortened(value) for value in row]}")
    return "\n".join(lines)
