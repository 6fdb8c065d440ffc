# Unit tests of the relay. Those with a mock cluster share relay_mock.c, which also stands for the registry.
foreach(name envelope debezium records ledger spool eras shape notes reselect_query position options creation text_key schema_match plan metrics)
    wal2avro_unit_test(relay_${name}_test unit/relay_${name}_test.c LIBS wal2avro-relay-parts)
endforeach()
foreach(name emit feed transactions producer)
    wal2avro_unit_test(relay_${name}_test unit/relay_${name}_test.c unit/relay_mock.c LIBS wal2avro-relay-parts)
endforeach()
