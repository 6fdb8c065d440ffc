# Unit tests of the sink; avro-c is the oracle of the decoder.
foreach(name schema plan numeric text convert positions batch settings writer offsets)
    wal2avro_unit_test(sink_${name}_test unit/sink_${name}_test.c LIBS wal2avro-sink-parts)
endforeach()
target_compile_definitions(sink_offsets_test PRIVATE SINK_DIR="${PROJECT_SOURCE_DIR}/sink")
