# Unit tests of core. Those of fault points exist where the points do.
wal2avro_unit_test(error_test unit/error_test.c)
wal2avro_unit_test(log_test unit/log_test.c)
wal2avro_unit_test(buffer_test unit/buffer_test.c)
wal2avro_unit_test(map_test unit/map_test.c)
if(WAL2AVRO_FAULTS)
    wal2avro_unit_test(fault_test unit/fault_test.c)
endif()
