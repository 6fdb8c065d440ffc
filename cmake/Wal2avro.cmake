# Options of the build, warnings, and the one way in which our targets are made.
option(WAL2AVRO_WERROR "Warnings are errors" OFF)
option(WAL2AVRO_FAULTS "Compile the fault points in" OFF)
option(WAL2AVRO_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer, outside the server" OFF)
option(WAL2AVRO_FUZZ "Build for libFuzzer, with coverage (clang); needs WAL2AVRO_SANITIZE" OFF)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_package(PkgConfig REQUIRED)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka>=2.0.2)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.13)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl>=7.87)
pkg_check_modules(AVRO REQUIRED IMPORTED_TARGET avro-c)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)

# wal2avro_compile(TARGET): warnings, hardening and switches that every target of ours has.
function(wal2avro_compile target)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wswitch-enum -Wshadow -Wformat=2 -Wmissing-prototypes -Wvla
        -Wstrict-prototypes -Wpointer-arith -Wundef -fno-strict-aliasing -fstack-protector-strong
        -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
    # RelWithDebInfo, too, leaves asserts out by default; only release does so here.
    target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:Release>>:-UNDEBUG>)
    if(WAL2AVRO_WERROR)
        target_compile_options(${target} PRIVATE -Werror)
    endif()
    if(WAL2AVRO_FAULTS)
        target_compile_definitions(${target} PRIVATE WAL2AVRO_FAULTS=1)
    endif()
    target_link_options(${target} PRIVATE -Wl,-z,relro,-z,now)
endfunction()

# wal2avro_sanitize(TARGET): sanitizers for what runs outside the server.
function(wal2avro_sanitize target)
    if(WAL2AVRO_SANITIZE)
        target_compile_options(${target} PRIVATE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
        target_link_options(${target} PUBLIC -fsanitize=address,undefined)
    endif()
    if(WAL2AVRO_FUZZ)
        target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link -fprofile-instr-generate -fcoverage-mapping)
        target_link_options(${target} PUBLIC -fsanitize=fuzzer-no-link -fprofile-instr-generate)
    endif()
endfunction()

# wal2avro_program(NAME DIR SOURCES...): an installed program. Its sources but main.c are also a library NAME_parts, for the unit tests.
function(wal2avro_program name)
    set(sources ${ARGN})
    list(REMOVE_ITEM sources main.c)
    add_library(${name}-parts STATIC ${sources})
    target_include_directories(${name}-parts PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/..)
    target_link_libraries(${name}-parts PUBLIC core)
    add_executable(${name} main.c)
    target_link_libraries(${name} PRIVATE ${name}-parts)
    foreach(target ${name} ${name}-parts)
        target_compile_options(${target} PRIVATE -Wconversion)
        wal2avro_compile(${target})
        wal2avro_sanitize(${target})
    endforeach()
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
