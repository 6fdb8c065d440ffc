# Unit tests of the worker.
foreach(name settings)
    wal2avro_unit_test(connect_${name}_test unit/connect_${name}_test.c LIBS wal2avro-connect-parts)
endforeach()
