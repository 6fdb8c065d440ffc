# Unit tests of the sink; avro-c is the oracle of the decoder.
foreach(name apply changes metrics envelope opening schema plan numeric text form convert sqltype positions replay notes batch rows settings writer)
    wal2avro_unit_test(sink_${name}_test unit/sink_${name}_test.c LIBS wal2avro-sink-parts)
endforeach()
