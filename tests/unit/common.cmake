# Unit tests of common.
wal2avro_unit_test(array_text_test unit/array_text_test.c LIBS common)
wal2avro_unit_test(avro_test unit/avro_test.c LIBS common PkgConfig::AVRO)
wal2avro_unit_test(wire_test unit/wire_test.c LIBS common)
wal2avro_unit_test(murmur2_test unit/murmur2_test.c LIBS common)
wal2avro_unit_test(position_test unit/position_test.c LIBS common)
wal2avro_unit_test(lsn_test unit/lsn_test.c LIBS common)
