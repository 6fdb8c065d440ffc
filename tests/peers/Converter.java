/*
 * Records as Kafka Connect's Avro converter reads them: its schemas and values, as JSON.
 *
 * java -cp <worker and converter> Converter.java <registry>: each line of the input is a topic and a record's value in base64, each line of the output
 * {"schema": ..., "value": ...}, or {"error": ...}. A schema is {"type", "optional"} and, where there is one, "name", "version", "parameters", "default",
 * "fields", "items", "keys". A value is null, a text, or an array or object of values; bytes are in hexadecimal, dates in milliseconds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

import com.fasterxml.jackson.databind.ObjectMapper;
import io.apicurio.registry.utils.converter.AvroConverter;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;

public class Converter {
	public static void main(String[] arguments) throws Exception {
		ObjectMapper json = new ObjectMapper();
		AvroConverter<Object> converter = new AvroConverter<>();
		converter.configure(Map.of("apicurio.registry.url", arguments[0], "apicurio.registry.as-confluent", "true", "apicurio.registry.use-id", "contentId",
			"apicurio.registry.headers.enabled", "false"), false);
		BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = input.readLine(); line != null; line = input.readLine()) {
			String[] words = line.split(" ");
			Map<String, Object> answer = new LinkedHashMap<>();
			try {
				SchemaAndValue read = converter.toConnectData(words[0], Base64.getDecoder().decode(words[1]));
				answer.put("schema", schema(read.schema()));
				answer.put("value", value(read.value()));
			} catch (RuntimeException error) {
				Throwable cause = error;
				while (cause.getCause() != null)
					cause = cause.getCause();
				answer.put("error", cause.toString());
			}
			System.out.println(json.writeValueAsString(answer));
		}
	}

	static Object schema(Schema schema) {
		Map<String, Object> out = new LinkedHashMap<>();
		out.put("type", schema.type().getName());
		out.put("optional", schema.isOptional());
		if (schema.name() != null)
			out.put("name", schema.name());
		if (schema.version() != null)
			out.put("version", schema.version());
		if (schema.parameters() != null)
			out.put("parameters", schema.parameters());
		if (schema.defaultValue() != null)
			out.put("default", value(schema.defaultValue()));
		if (schema.type() == Schema.Type.STRUCT) {
			Map<String, Object> fields = new LinkedHashMap<>();
			for (Field field : schema.fields())
				fields.put(field.name(), schema(field.schema()));
			out.put("fields", fields);
		}
		if (schema.type() == Schema.Type.ARRAY || schema.type() == Schema.Type.MAP)
			out.put("items", schema(schema.valueSchema()));
		if (schema.type() == Schema.Type.MAP)
			out.put("keys", schema(schema.keySchema()));
		return out;
	}

	static Object value(Object value) {
		if (value instanceof Struct) {
			Map<String, Object> out = new LinkedHashMap<>();
			for (Field field : ((Struct) value).schema().fields())
				out.put(field.name(), value(((Struct) value).get(field)));
			return out;
		}
		if (value instanceof Map) {
			Map<String, Object> out = new LinkedHashMap<>();
			((Map<?, ?>) value).forEach((name, each) -> out.put(name.toString(), value(each)));
			return out;
		}
		if (value instanceof List) {
			List<Object> out = new ArrayList<>();
			for (Object each : (List<?>) value)
				out.add(value(each));
			return out;
		}
		if (value instanceof byte[])
			return HexFormat.of().formatHex((byte[]) value);
		if (value instanceof ByteBuffer) {
			byte[] bytes = new byte[((ByteBuffer) value).remaining()];
			((ByteBuffer) value).duplicate().get(bytes);
			return HexFormat.of().formatHex(bytes);
		}
		if (value instanceof Date)
			return Long.toString(((Date) value).getTime());
		if (value instanceof BigDecimal)
			return ((BigDecimal) value).toPlainString();
		return value == null ? null : value.toString();
	}
}
