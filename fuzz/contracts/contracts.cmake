# The core with its contracts as run-time checks: contracts.ml, a plug-in of
# Frama-C's, writes it as one file.
#
#   rh_core_with_contracts(NAME DEFINITION...)   an object library of such a core
find_program(OCAMLOPT ocamlopt)
find_program(FRAMA_C frama-c)
if(NOT OCAMLOPT OR NOT FRAMA_C)
  message(FATAL_ERROR "RH_CONTRACTS needs Frama-C 25 and OCaml; see ci/setup contracts")
endif()
if(NOT CMAKE_C_COMPILER_ID MATCHES Clang)
  message(WARNING "RH_CONTRACTS: this compiler takes minutes for what clang does in a quarter of one")
endif()

set(contracts ${CMAKE_CURRENT_LIST_DIR})
file(GLOB core CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/core/*.c)
file(GLOB read CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/core/*.h ${PROJECT_SOURCE_DIR}/specs/acsl/*.h)
# As proofs/program.py has it: the rest is not proved, so it has no contracts of its own.
set(without ${core})
list(FILTER without INCLUDE REGEX "/(address|prefetch|tables|[a-z]+_check)[.]c$")
list(REMOVE_ITEM core ${without})

function(rh_core_with_contracts name)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/contracts)
  file(MAKE_DIRECTORY ${folder})
  set(plugin ${folder}/contracts.cmxs)
  set(written ${folder}/core.c)
  list(TRANSFORM ARGN PREPEND -D OUTPUT_VARIABLE defines)
  list(JOIN defines " " defines)
  execute_process(COMMAND ${FRAMA_C} -print-lib-path OUTPUT_VARIABLE library OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
  set(sources tables.ml logic.ml contracts.ml)
  list(TRANSFORM sources PREPEND ${contracts}/ OUTPUT_VARIABLE read_sources)
  # OCaml writes beside its sources, so they are copied.
  add_custom_command(OUTPUT ${plugin} DEPENDS ${read_sources} VERBATIM WORKING_DIRECTORY ${folder}
    COMMAND ${CMAKE_COMMAND} -E copy ${read_sources} ${folder}
    COMMAND ${OCAMLOPT} -shared -w +a-4-9-40-41-42-44-45-70 -warn-error +a
      -I ${library} -I +zarith -I +ocamlgraph -o ${plugin} ${sources})
  add_custom_command(OUTPUT ${written} VERBATIM
    DEPENDS ${plugin} ${core} ${read} ${contracts}/bounds.txt ${contracts}/left_out.txt
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    COMMAND ${FRAMA_C} -load-module ${plugin} -machdep gcc_x86_64 -kernel-verbose 0 -kernel-warn-key annot:missing-spec=inactive
      "-cpp-extra-args=-Isrc -Ispecs ${defines}" ${core} -contracts-output ${written}
      -contracts-bounds fuzz/contracts/bounds.txt -contracts-left-out fuzz/contracts/left_out.txt)
  # Nobody reads it, so nobody is warned; without optimisation a clause would take ten times as long.
  set_source_files_properties(${written} PROPERTIES COMPILE_OPTIONS "-w;-O1" INCLUDE_DIRECTORIES ${contracts})
  add_library(${name} OBJECT ${written} ${without})
  target_link_libraries(${name} PRIVATE rh_flags)
  target_compile_definitions(${name} PRIVATE ${ARGN})
endfunction()
