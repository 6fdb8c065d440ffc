-- Helpers of the other files: a reader of frames and of Avro in plpgsql, written from docs/wire.md and the Avro specification,
-- and so independent of the plugin's code.
set client_min_messages = warning;
create extension wal2avro;
create schema test;

create function test.unsigned(data bytea, pos int, width int) returns bigint
language plpgsql as $$
declare
	result bigint := 0;
begin
	for i in 0 .. width - 1 loop
		result := (result << 8) | get_byte(data, pos + i);
	end loop;
	return result;
end $$;

create function test.avro_long(data bytea, inout pos int, out value bigint)
language plpgsql as $$
declare
	shift int := 0;
	byte int;
	zigzag bigint := 0;
begin
	loop
		byte := get_byte(data, pos);
		pos := pos + 1;
		zigzag := zigzag | ((byte & 127)::bigint << shift);
		exit when byte < 128;
		shift := shift + 7;
	end loop;
	value := ((zigzag >> 1) & 9223372036854775807) # -(zigzag & 1);
end $$;

-- The bytes of a number, turned round into network order.
create function test.little_endian(data bytea, pos int, width int) returns text
language sql as $$
	select '0x' || string_agg(lpad(to_hex(get_byte(data, pos + i)), 2, '0'), '' order by i desc)
	from generate_series(0, width - 1) i
$$;

-- NaN has no bytes.
create function test.decimal(data bytea, scale int) returns numeric
language plpgsql as $$
declare
	result numeric := case when data = '' then numeric 'NaN' when get_byte(data, 0) > 127 then -1 else 0 end;
begin
	for i in 0 .. length(data) - 1 loop
		result := result * 256 + get_byte(data, i);
	end loop;
	return result * ('1e-' || scale)::numeric;
end $$;

create function test.avro_value(schema jsonb, data bytea, inout pos int, out value jsonb)
language plpgsql as $$
declare
	type text := case jsonb_typeof(schema) when 'object' then schema->>'type' when 'array' then 'union' else schema#>>'{}' end;
	count bigint;
	part record;
	field jsonb;
	key text;
begin
	case type
	when 'null' then
		value := 'null';
	when 'boolean' then
		value := to_jsonb(get_byte(data, pos) = 1);
		pos := pos + 1;
	when 'int', 'long' then
		select l.pos, to_jsonb(l.value) into pos, value from test.avro_long(data, pos) l;
	when 'float' then
		value := to_jsonb(test.little_endian(data, pos, 4));
		pos := pos + 4;
	when 'double' then
		value := to_jsonb(test.little_endian(data, pos, 8));
		pos := pos + 8;
	when 'string', 'bytes' then
		select l.pos, l.value into pos, count from test.avro_long(data, pos) l;
		value := case
			when type = 'string' then to_jsonb(convert_from(substr(data, pos + 1, count::int), 'UTF8'))
			when schema->>'logicalType' = 'decimal' and count = 0 then '"NaN"'
			when schema->>'logicalType' = 'decimal'
			then to_jsonb(test.decimal(substr(data, pos + 1, count::int), (schema->>'scale')::int)::text)
			else to_jsonb(encode(substr(data, pos + 1, count::int), 'hex')) end;
		pos := pos + count;
	when 'union' then
		select l.pos, l.value into pos, count from test.avro_long(data, pos) l;
		select v.pos, v.value into pos, value from test.avro_value(schema->count::int, data, pos) v;
	when 'array' then
		value := '[]';
		loop
			select l.pos, l.value into pos, count from test.avro_long(data, pos) l;
			exit when count = 0;
			for i in 1 .. count loop
				select * into part from test.avro_value(schema->'items', data, pos);
				pos := part.pos;
				value := value || jsonb_build_array(part.value);
			end loop;
		end loop;
	when 'map' then
		value := '{}';
		loop
			select l.pos, l.value into pos, count from test.avro_long(data, pos) l;
			exit when count = 0;
			for i in 1 .. count loop
				select * into part from test.avro_value('"string"', data, pos);
				key := part.value#>>'{}';
				select * into part from test.avro_value(schema->'values', data, part.pos);
				pos := part.pos;
				value := value || jsonb_build_object(key, part.value);
			end loop;
		end loop;
	when 'record' then
		value := '{}';
		for field in select jsonb_array_elements(schema->'fields') loop
			select * into part from test.avro_value(field->'type', data, pos);
			pos := part.pos;
			value := value || jsonb_build_object(field->>'name', part.value);
		end loop;
	else
		-- A record that was defined before.
		select v.pos, v.value into pos, value from test.avro_value(current_setting('test.named')::jsonb->type, data, pos) v;
	end case;
end $$;

-- A whole record, and nothing behind it.
create function test.avro(schema text, data bytea) returns jsonb
language plpgsql strict as $$
declare
	part record;
begin
	perform set_config('test.named', (
		select jsonb_object_agg(concat_ws('.', r->>'namespace', r->>'name'), r) from jsonb_path_query(schema::jsonb, '$.**') r where r->>'type' = 'record')::text, true);
	select * into part from test.avro_value(schema::jsonb, data, 0);
	if part.pos <> length(data) then
		raise 'record of % bytes ends at %', length(data), part.pos;
	end if;
	return part.value;
end $$;

-- The blob at pos; null when it is absent.
create function test.blob(data bytea, inout pos int, out value bytea)
language plpgsql as $$
declare
	length bigint := test.unsigned(data, pos, 4);
begin
	pos := pos + 4;
	if length <> 4294967295 then
		value := substr(data, pos + 1, length::int);
		pos := pos + length;
	end if;
end $$;

create type test.message as (frame int, type text, relation int, xid bigint, blobs bytea[], body bytea);

-- The messages of frames, in order; blobs: those of the message, such as key, value and notes of an insert.
create function test.messages(frames bytea[]) returns setof test.message
language plpgsql strict as $$
declare
	m test.message;
	frame bytea;
	pos int;
	inner_pos int;
	part record;
begin
	m.frame := 0;
	foreach frame in array frames loop
		m.frame := m.frame + 1;
		pos := 0;
		while pos < length(frame) loop
			m.type := chr(get_byte(frame, pos));
			m.body := substr(frame, pos + 6, test.unsigned(frame, pos + 1, 4)::int);
			pos := pos + 5 + length(m.body);
			m.relation := null;
			m.xid := null;
			m.blobs := null;
			if m.type in ('I', 'U', 'D', 'R', 'T') then
				m.relation := test.unsigned(m.body, 0, 4);
				m.xid := test.unsigned(m.body, 4, 4);
				inner_pos := case m.type when 'R' then 8 else 16 end;
				while m.type <> 'T' and inner_pos < length(m.body) loop
					select * into part from test.blob(m.body, inner_pos);
					inner_pos := part.pos;
					m.blobs := m.blobs || array[part.value];
				end loop;
			elsif m.type in ('s', 'c', 'a') then
				m.xid := test.unsigned(m.body, 0, 4);
			end if;
			return next m;
		end loop;
	end loop;
end $$;

create function test.frames(slot name, variadic options text[] default '{}') returns bytea[]
language sql as $$
	select array_agg(data) from pg_logical_slot_get_binary_changes(slot, null, null, variadic '{protocol.version,2}' || options)
$$;

-- Takes the five bytes of framing off, which must be zero.
create function test.unframe(data bytea) returns bytea
language plpgsql strict as $$
begin
	if substr(data, 1, 5) <> '\x0000000000' then
		raise 'framing is %', substr(data, 1, 5);
	end if;
	return substr(data, 6);
end $$;

-- The notes beside a row: fields that are unchanged, and texts of fields whose value is a stand-in. Each tells where the field's
-- bytes are in the record, which must be one whole value.
create function test.notes(schema text, value bytea, notes bytea) returns text
language plpgsql strict as $$
declare
	fields jsonb := schema::jsonb->'fields';
	previous bigint := -1;
	field bigint;
	first bigint;
	size bigint;
	count bigint;
	kind text;
	pos int := 0;
	part record;
	result text;
begin
	while pos < length(notes) loop
		select l.pos, l.value into pos, field from test.avro_long(notes, pos) l;
		kind := chr(get_byte(notes, pos));
		pos := pos + 1;
		select l.pos, l.value into pos, first from test.avro_long(notes, pos) l;
		select l.pos, l.value into pos, size from test.avro_long(notes, pos) l;
		select * into part from test.avro_value(fields->field::int->'type', value, first::int);
		if field <= previous or part.pos <> first + size or kind not in ('u', 't') then
			raise 'note % of field %, bytes % + %: the field ends at %', kind, field, first, size, part.pos;
		end if;
		previous := field;
		result := concat_ws(', ', result, (fields->field::int->>'name') || case when kind = 'u' then ' unchanged (' || part.value::text || ')' else '' end);
		if kind = 't' then
			select l.pos, l.value into pos, count from test.avro_long(notes, pos) l;
			result := result || ' ' || quote_literal(convert_from(substr(notes, pos + 1, count::int), 'UTF8')) || ' (' || part.value::text || ')';
			pos := pos + count;
		end if;
	end loop;
	return ' notes ' || result;
end $$;

-- The row that was, with its notes; null where it is absent.
create function test.before(schema text, before bytea, notes bytea) returns text
language sql as $$
	select ' before ' || test.avro(schema, test.unframe(before))::text || coalesce(test.notes(schema, test.unframe(before), notes), '')
$$;

-- Messages as lines to read.
create function test.lines(frames bytea[]) returns setof text
language plpgsql strict as $$
declare
	m test.message;
	keys text[];
	schemas text[];
	names text[];
begin
	for m in select * from test.messages(frames) loop
		case m.type
		when 'B' then return next 'begin';
		when 'C' then return next 'commit';
		when 's' then return next 'stream start';
		when 'e' then return next 'stream stop';
		when 'c' then return next 'stream commit';
		when 'a' then return next 'stream abort';
		when 'T' then
			return next format('truncate %s%s%s%s', names[m.relation],
				case when get_byte(m.body, 16) & 4 = 4 then ', a partition' end,
				case when get_byte(m.body, 16) & 1 = 1 then ' cascade' end,
				case when get_byte(m.body, 16) & 2 = 2 then ' restart identity' end);
		when 'R' then
			names[m.relation] := format('%s.%s', convert_from(m.blobs[1], 'UTF8'), convert_from(m.blobs[2], 'UTF8'));
			keys[m.relation] := convert_from(m.blobs[3], 'UTF8');
			-- A default may have a NUL, which jsonb cannot.
			schemas[m.relation] := replace(convert_from(m.blobs[4], 'UTF8'), '\u0000', '\u0001');
			return next format('relation %s %s, key %s, fields %s', m.relation, names[m.relation],
				coalesce((select string_agg(f->>'name', ' ') from jsonb_array_elements(keys[m.relation]::jsonb->'fields') f), 'none'),
				(select string_agg(f->>'name', ' ') from jsonb_array_elements(schemas[m.relation]::jsonb->'fields') f));
		when 'I' then
			return next format('insert %s key %s value %s%s', m.relation, test.avro(keys[m.relation], test.unframe(m.blobs[1])),
				test.avro(schemas[m.relation], test.unframe(m.blobs[2])), test.notes(schemas[m.relation], test.unframe(m.blobs[2]), m.blobs[3]));
		when 'U' then
			return next format('update %s%s key %s value %s%s%s', m.relation,
				case when m.blobs[1] = '' then ' old key unknown' else ' old key ' || test.avro(keys[m.relation], test.unframe(m.blobs[1]))::text end,
				test.avro(keys[m.relation], test.unframe(m.blobs[2])), test.avro(schemas[m.relation], test.unframe(m.blobs[3])),
				test.notes(schemas[m.relation], test.unframe(m.blobs[3]), m.blobs[4]), test.before(schemas[m.relation], m.blobs[5], m.blobs[6]));
		when 'D' then
			return next format('delete %s key %s%s', m.relation, test.avro(keys[m.relation], test.unframe(m.blobs[1])),
				test.before(schemas[m.relation], m.blobs[2], m.blobs[3]));
		end case;
	end loop;
end $$;

create function test.changes(slot name, variadic options text[] default '{}') returns setof text
language sql as $$ select test.lines(test.frames(slot, variadic options)) $$;
