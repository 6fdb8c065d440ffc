# Unit tests of the worker; those of the REST API have a herder without Kafka.
foreach(name settings media auth store child)
    wal2avro_unit_test(connect_${name}_test unit/connect_${name}_test.c LIBS wal2avro-connect-parts)
endforeach()
foreach(name routes server metrics)
    wal2avro_unit_test(connect_${name}_test unit/connect_${name}_test.c unit/connect_client.c unit/connect_fake_herder.c LIBS wal2avro-connect-parts)
endforeach()
