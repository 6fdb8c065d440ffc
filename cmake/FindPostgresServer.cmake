# Where the PostgreSQL server's headers, libraries and extensions are, as pg_config says.
# PG_CONFIG chooses the server; PG_SERVER_INCLUDE overrides its header directory, for a server whose headers come from elsewhere.
find_program(PG_CONFIG pg_config REQUIRED)

function(pg_config_get variable option)
    execute_process(COMMAND ${PG_CONFIG} ${option} OUTPUT_VARIABLE value OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    set(${variable} ${value} PARENT_SCOPE)
endfunction()

pg_config_get(PG_INCLUDE_SERVER --includedir-server)
pg_config_get(PG_PKGLIBDIR --pkglibdir)
pg_config_get(PG_SHAREDIR --sharedir)
pg_config_get(PG_BINDIR --bindir)
pg_config_get(PG_VERSION_TEXT --version)
if(PG_SERVER_INCLUDE)
    set(PG_INCLUDE_SERVER ${PG_SERVER_INCLUDE})
endif()
if(NOT EXISTS ${PG_INCLUDE_SERVER}/postgres.h)
    message(FATAL_ERROR "no server headers in ${PG_INCLUDE_SERVER}: install postgresql-server-dev for ${PG_VERSION_TEXT}")
endif()
