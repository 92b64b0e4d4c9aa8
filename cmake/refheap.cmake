# Build rules shared by every folder.
#
#   rh_library(NAME sources... [LINKS libs...])   a static library rh_NAME
#   rh_test(NAME LABELS l... SOURCES s... LINKS libs... [COMMAND c...] [TIMEOUT t])

add_library(rh_flags INTERFACE)
target_include_directories(rh_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(rh_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -fno-common $<$<BOOL:${RH_WERROR}>:-Werror>)
if(RH_TINY)
  target_compile_definitions(rh_flags INTERFACE RH_TINY=1 RH_CHECKS=1)
endif()
if(RH_MEDIUM)
  target_compile_definitions(rh_flags INTERFACE RH_MEDIUM=1)
endif()
if(RH_SANITIZE)
  target_compile_options(rh_flags INTERFACE -fsanitize=${RH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(rh_flags INTERFACE -fsanitize=${RH_SANITIZE})
endif()
if(RH_FUZZ STREQUAL "libfuzzer")
  target_compile_options(rh_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(rh_flags INTERFACE -fsanitize=fuzzer-no-link) # for programs that are no target
endif()
if(RH_COVERAGE)
  target_compile_options(rh_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(rh_flags INTERFACE -fprofile-instr-generate)
endif()

# The core is several files because each is proved by itself; its short functions
# are inlined across them when a program is linked.
option(RH_LTO "Optimise across files, if the compiler can" OFF)
if(RH_LTO)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT RH_LTO_WORKS OUTPUT why LANGUAGES C)
  if(RH_LTO_WORKS)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
    if(CMAKE_C_COMPILER_ID MATCHES "Clang")
      set(CMAKE_C_COMPILE_OPTIONS_IPO -flto) # all at once; CMake's choice, file by file, inlines less
    else()
      # The static libraries hold machine code too, for programs that are linked without it; Clang 14 cannot do that.
      target_compile_options(rh_flags INTERFACE -ffat-lto-objects)
    endif()
  else()
    message(WARNING "no optimisation across files: ${why}")
  endif()
endif()

function(rh_library name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  add_library(rh_${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(rh_${name} PUBLIC rh_flags ${ARG_LINKS})
endfunction()

function(rh_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "LABELS;SOURCES;LINKS;COMMAND" ${ARGN})
  if(ARG_SOURCES)
    string(REPLACE "." "_" target test_${name})
    add_executable(${target} ${ARG_SOURCES})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${target} PRIVATE rh_flags ${ARG_LINKS})
    if(NOT ARG_COMMAND)
      set(ARG_COMMAND ${target})
    endif()
  endif()
  add_test(NAME ${name} COMMAND ${ARG_COMMAND})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT})
endfunction()

# The CPythons to judge, as a list of paths, oldest first: RH_PYTHONS, or every
# one of this machine.
function(rh_find_pythons result)
  set(pythons ${RH_PYTHONS})
  if(NOT pythons)
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/ci/pythons OUTPUT_VARIABLE pythons OUTPUT_STRIP_TRAILING_WHITESPACE)
    string(REPLACE "\n" ";" pythons "${pythons}")
  endif()
  if(NOT pythons)
    message(FATAL_ERROR "no CPython from 3.9 on was found; install python3 or set RH_PYTHONS")
  endif()
  set(${result} ${pythons} PARENT_SCOPE)
endfunction()

# What a CPython calls its version, as 3.11.7.
function(rh_python_version python result)
  execute_process(COMMAND ${python} -c "import platform; print(platform.python_version())"
    OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(${result} ${version} PARENT_SCOPE)
endfunction()
