# The heaps that refheap is measured against.
bench_core_variant(large)
bench_peer(collector large SOURCES collector.c graphs.c collector_refheap.c LINKS rh_core_large rh_os)

# ---- CPython: modules of the interpreter ----
execute_process(COMMAND ${RH_BENCH_PYTHON} -c "import sysconfig; print(sysconfig.get_path('include'))"
  OUTPUT_VARIABLE python_include OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
bench_find(RH_BENCH_PYTHON_H path Python.h python3-dev ${python_include})
set(python MODULE INCLUDES ${python_include})
bench_peer(collector python ${python} SOURCES collector.c graphs.c collector_python.c python_node.c)
bench_peer(young python ${python} SOURCES young.c graphs.c collector_python.c python_node.c)
bench_peer(cascade python ${python} SOURCES cascade.c cascade_python.c)
bench_peer(mutator python ${python} SOURCES mutator.c mutator_python.c python_node.c)
bench_peer(blocks python ${python} SOURCES blocks_python.c requests.c)

# ---- other collectors ----
bench_find(RH_BENCH_LUA_H path lua.h liblua5.4-dev)
bench_find(RH_BENCH_LUA library lua5.4 liblua5.4-dev)
bench_peer(collector lua SOURCES collector.c graphs.c collector_lua.c INCLUDES ${RH_BENCH_LUA_H} LINKS ${RH_BENCH_LUA})

bench_find(RH_BENCH_GC_H path gc.h libgc-dev)
bench_find(RH_BENCH_GC library gc libgc-dev)
bench_peer(collector boehm SOURCES collector.c graphs.c collector_boehm.c INCLUDES ${RH_BENCH_GC_H} LINKS ${RH_BENCH_GC})

if(NOT RH_QUICKJS STREQUAL "none")
  unset(RH_BENCH_QUICKJS_H CACHE) # RH_QUICKJS may have changed
  unset(RH_BENCH_QUICKJS CACHE)
  bench_find(RH_BENCH_QUICKJS_H path quickjs.h "Debian 12 has no QuickJS, set RH_QUICKJS" ${RH_QUICKJS})
  bench_find(RH_BENCH_QUICKJS library quickjs "Debian 12 has no QuickJS, set RH_QUICKJS" ${RH_QUICKJS})
  set(version "")
  if(EXISTS ${RH_QUICKJS}/VERSION)
    file(STRINGS ${RH_QUICKJS}/VERSION version LIMIT_COUNT 1)
    set(version DEFINES BENCH_QUICKJS_VERSION="${version}")
  endif()
  bench_peer(collector quickjs SOURCES collector.c graphs.c collector_quickjs.c INCLUDES ${RH_BENCH_QUICKJS_H}
    LINKS ${RH_BENCH_QUICKJS} m dl pthread ${version})
endif()

# ---- other cascades ----
bench_peer(cascade malloc SOURCES cascade.c cascade_malloc.c)
bench_peer(cascade load SOURCES cascade.c cascade_load.c)

# ---- other allocators, each in a program of its own ----
bench_peer(blocks nothing SOURCES blocks_nothing.c requests.c)
bench_peer(blocks glibc SOURCES blocks_glibc.c requests.c)
foreach(allocator mimalloc:mimalloc.h:mimalloc:libmimalloc-dev jemalloc:jemalloc/jemalloc.h:jemalloc:libjemalloc-dev
    tcmalloc:gperftools/tcmalloc.h:tcmalloc_minimal:libgoogle-perftools-dev)
  string(REPLACE ":" ";" allocator ${allocator})
  list(GET allocator 0 name)
  list(GET allocator 1 header)
  list(GET allocator 2 library)
  list(GET allocator 3 package)
  bench_find(RH_BENCH_${name}_H path ${header} ${package})
  bench_find(RH_BENCH_${name} library ${library} ${package})
  bench_peer(blocks ${name} SOURCES blocks_${name}.c requests.c INCLUDES ${RH_BENCH_${name}_H} LINKS ${RH_BENCH_${name}})
endforeach()
