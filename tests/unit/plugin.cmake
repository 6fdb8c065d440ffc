# Unit tests of what in the plugin needs no server.
wal2avro_unit_test(plugin_decimal_test unit/plugin_decimal_test.c LIBS common)
