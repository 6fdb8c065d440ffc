/*
 * tests/property/Decode.java - Avro records as text, by Java's Avro: one of the three readers that must agree.
 *
 * Reads and writes what decode.c does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

public class Decode
{
	static final int SHORT_MAX = 64;

	static void
	bytes(StringBuilder out, char kind, byte[] data)
	{
		out.append(kind).append(data.length).append(':');
		if (data.length > SHORT_MAX)
		{
			CRC32 crc = new CRC32();
			crc.update(data);
			out.append(String.format("%08x", crc.getValue()));
			return;
		}
		for (byte each : data)
			out.append(Character.forDigit(each >> 4 & 15, 16)).append(Character.forDigit(each & 15, 16));
	}

	static void
	text(StringBuilder out, Object value)
	{
		bytes(out, 's', value.toString().getBytes(StandardCharsets.UTF_8));
	}

	static byte[]
	taken(ByteBuffer buffer)
	{
		byte[] data = new byte[buffer.remaining()];
		buffer.duplicate().get(data);
		return data;
	}

	static void
	map(StringBuilder out, Schema schema, Map<?, ?> value)
	{
		TreeMap<byte[], Object> sorted = new TreeMap<>(java.util.Arrays::compareUnsigned);
		value.forEach((key, entry) -> sorted.put(key.toString().getBytes(StandardCharsets.UTF_8), entry));
		String separator = "{";
		if (sorted.isEmpty())
			out.append('{');
		for (Map.Entry<byte[], Object> entry : sorted.entrySet())
		{
			out.append(separator);
			bytes(out, 's', entry.getKey());
			out.append('=');
			print(out, schema.getValueType(), entry.getValue());
			separator = ",";
		}
		out.append('}');
	}

	static void
	print(StringBuilder out, Schema schema, Object value)
	{
		switch (schema.getType())
		{
			case NULL -> out.append("null");
			case BOOLEAN -> out.append((Boolean) value ? 't' : 'f');
			case INT, LONG -> out.append(value);
			case FLOAT -> out.append(Float.isNaN((Float) value) ? "nan" : String.format("f%08x", Float.floatToRawIntBits((Float) value)));
			case DOUBLE -> out.append(Double.isNaN((Double) value) ? "nan" : String.format("d%016x", Double.doubleToRawLongBits((Double) value)));
			case BYTES -> bytes(out, 'b', taken((ByteBuffer) value));
			case FIXED -> bytes(out, 'b', ((GenericFixed) value).bytes());
			case STRING -> text(out, value);
			case ENUM -> out.append('e').append(value);
			case MAP -> map(out, schema, (Map<?, ?>) value);
			case UNION -> print(out, schema.getTypes().get(branch(schema, value)), value);
			case RECORD -> {
				String separator = "(";
				if (schema.getFields().isEmpty())
					out.append('(');
				for (Schema.Field field : schema.getFields())
				{
					out.append(separator);
					print(out, field.schema(), ((IndexedRecord) value).get(field.pos()));
					separator = ",";
				}
				out.append(')');
			}
			case ARRAY -> {
				String separator = "[";
				if (((List<?>) value).isEmpty())
					out.append('[');
				for (Object element : (List<?>) value)
				{
					out.append(separator);
					print(out, schema.getElementType(), element);
					separator = ",";
				}
				out.append(']');
			}
		}
	}

	static int
	branch(Schema union, Object value)
	{
		return org.apache.avro.generic.GenericData.get().resolveUnion(union, value);
	}

	public static void
	main(String[] arguments) throws IOException
	{
		DataInputStream in = new DataInputStream(new BufferedInputStream(System.in, 1 << 16));
		PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, "UTF-8");
		Map<Integer, GenericDatumReader<Object>> readers = new HashMap<>();
		BinaryDecoder decoder = null;
		for (int kind = in.read(); kind >= 0; kind = in.read())
		{
			int id = in.readInt();
			byte[] data = new byte[in.readInt()];
			in.readFully(data);
			if (kind == 'S')
			{
				readers.put(id, new GenericDatumReader<>(new Schema.Parser().parse(new String(data, StandardCharsets.UTF_8))));
				continue;
			}
			StringBuilder line = new StringBuilder();
			decoder = DecoderFactory.get().binaryDecoder(data, decoder);
			try
			{
				print(line, readers.get(id).getSchema(), readers.get(id).read(null, decoder));
				if (!decoder.isEnd())
					line = new StringBuilder("error: bytes are left behind the record");
			}
			catch (EOFException | RuntimeException error)
			{
				line = new StringBuilder("error: ").append(error);
			}
			out.append(line).append('\n');
		}
		out.flush();
	}
}
