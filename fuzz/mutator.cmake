# What a target gets beside its code: the mutator of its inputs (mutator.h), a
# dictionary, options in OSS-Fuzz's form, and seeds.
#
#   rh_fuzz_inputs(TARGET FORMAT [MAX_LEN n] [FOLDERS f...])     FORMAT: records+H, trace+H, text
#
# fuzz_seeds makes fuzz/seeds/TARGET/ and fuzz/TARGET_fuzzer_seed_corpus.zip; a build with a fuzzer does it by itself.

option(RH_FUZZ_MUTATOR "Link libFuzzer targets with the mutator of operations" ON)

set(mutator ${CMAKE_CURRENT_LIST_DIR}/mutator.c ${CMAKE_CURRENT_LIST_DIR}/mutator_records.c
  ${CMAKE_CURRENT_LIST_DIR}/mutator_trace.c ${CMAKE_CURRENT_LIST_DIR}/mutator_text.c)
add_library(fuzz_mutator OBJECT EXCLUDE_FROM_ALL ${mutator})
target_link_libraries(fuzz_mutator PUBLIC rh_trace)

# What a mutator does is no coverage.
if(RH_FUZZ STREQUAL "libfuzzer")
  set_source_files_properties(${mutator} PROPERTIES COMPILE_OPTIONS -fno-sanitize=fuzzer-no-link)
endif()

# For afl-fuzz, which loads it: a library without instrumentation, all the way down.
if(RH_FUZZ STREQUAL "afl" AND NOT RH_SANITIZE)
  file(GLOB trace CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/trace/*.c)
  list(FILTER trace EXCLUDE REGEX "json|load") # they need another library
  add_library(fuzz_afl_parts OBJECT ${mutator} ${trace})
  target_include_directories(fuzz_afl_parts PRIVATE ${PROJECT_SOURCE_DIR}/src)
  set_target_properties(fuzz_afl_parts PROPERTIES POSITION_INDEPENDENT_CODE ON C_COMPILER_LAUNCHER "env;AFL_NOOPT=1")
endif()

function(rh_fuzz_afl_mutator name format)
  add_library(${name}_mutator MODULE ${CMAKE_CURRENT_SOURCE_DIR}/afl_mutator.c $<TARGET_OBJECTS:fuzz_afl_parts>)
  target_compile_definitions(${name}_mutator PRIVATE RH_FUZZ_FORMAT="${format}")
  target_link_options(${name}_mutator PRIVATE LINKER:-z,defs) # what is missing would be missed by afl-fuzz alone, at its start
  set_target_properties(${name}_mutator PROPERTIES PREFIX "" C_COMPILER_LAUNCHER "env;AFL_NOOPT=1"
    C_LINKER_LAUNCHER "env;AFL_NOOPT=1")
endfunction()

add_executable(make_dictionary ${CMAKE_CURRENT_LIST_DIR}/make_dictionary.c)
target_link_libraries(make_dictionary PRIVATE rh_trace)
add_executable(make_seeds ${CMAKE_CURRENT_LIST_DIR}/make_seeds.c)
target_link_libraries(make_seeds PRIVATE rh_oracle)
if(RH_FUZZ)
  add_custom_target(fuzz_seeds ALL)
else()
  add_custom_target(fuzz_seeds)
endif()

function(rh_fuzz_inputs name format)
  cmake_parse_arguments(ARG "" "MAX_LEN" "FOLDERS" ${ARGN})
  if(RH_FUZZ MATCHES "libfuzzer|oss-fuzz" AND RH_FUZZ_MUTATOR)
    target_sources(${name}_fuzzer PRIVATE mutator_libfuzzer.c)
    target_link_libraries(${name}_fuzzer PRIVATE fuzz_mutator)
    target_link_options(${name}_fuzzer PRIVATE LINKER:--as-needed)
    target_compile_definitions(${name}_fuzzer PRIVATE RH_FUZZ_FORMAT="${format}")
  elseif(TARGET fuzz_afl_parts)
    rh_fuzz_afl_mutator(${name} ${format})
  endif()
  set(base ${CMAKE_CURRENT_BINARY_DIR}/${name}_fuzzer)
  if(NOT ARG_MAX_LEN)
    set(ARG_MAX_LEN 4096)
  endif()
  set(options "[libfuzzer]\nmax_len = ${ARG_MAX_LEN}\ntimeout = 25\nrss_limit_mb = 2560\n")
  if(NOT format MATCHES "records")
    string(APPEND options "dict = ${name}_fuzzer.dict\n")
    add_custom_command(OUTPUT ${base}.dict COMMAND make_dictionary ${format} ${base}.dict DEPENDS make_dictionary)
    target_sources(fuzz_seeds PRIVATE ${base}.dict)
  endif()
  file(CONFIGURE OUTPUT ${base}.options CONTENT "${options}")
  set(seeds ${CMAKE_CURRENT_BINARY_DIR}/seeds/${name})
  foreach(folder ${ARG_FOLDERS})
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*.trace)
    list(APPEND traces_used ${files})
  endforeach()
  add_custom_command(OUTPUT ${base}_seed_corpus.zip
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${seeds} ${base}_seed_corpus.zip
    COMMAND ${CMAKE_COMMAND} -E make_directory ${seeds}
    COMMAND make_seeds ${format} ${seeds} ${ARG_FOLDERS}
    COMMAND ${CMAKE_COMMAND} -E chdir ${seeds} ${CMAKE_COMMAND} -E tar cf ${base}_seed_corpus.zip --format=zip .
    DEPENDS make_seeds ${traces_used})
  target_sources(fuzz_seeds PRIVATE ${base}_seed_corpus.zip)
endfunction()
