/* Peer: Lua's mark and sweep, stop-the-world, on tables with GRAPH_SLOTS entries of their array part. */
#include "collector.h"

#include "bench.h"
#include <lauxlib.h>
#include <lua.h>

static lua_State *lua;

void peer_start(void) {
  lua = luaL_newstate();
  if (lua == NULL) bench_fail("no Lua state");
  lua_gc(lua, LUA_GCSTOP);
}

const char *peer_version(void) {
  return LUA_RELEASE;
}

/* The table of all nodes is at the top of the stack; leaves it there. */
static void connect(lua_Integer from, lua_Integer slot, lua_Integer to) {
  lua_rawgeti(lua, -1, from);
  lua_rawgeti(lua, -2, to);
  lua_rawseti(lua, -2, slot);
  lua_pop(lua, 1);
}

static void make_nodes(const struct graph *graph) {
  lua_createtable(lua, (int)graph->n, 0);
  for (uint32_t i = 0; i < graph->n; i++) {
    lua_createtable(lua, GRAPH_SLOTS, 0);
    lua_rawseti(lua, -2, (lua_Integer)i + 1);
  }
  for (uint32_t i = 0; i < GRAPH_SLOTS * graph->n; i++) {
    if (graph->to[i] != GRAPH_NONE) connect(i / GRAPH_SLOTS + 1, i % GRAPH_SLOTS + 1, (lua_Integer)graph->to[i] + 1);
  }
}

uintptr_t peer_build(const struct graph *graph) {
  make_nodes(graph);
  lua_rawgeti(lua, -1, 1);
  int root = luaL_ref(lua, LUA_REGISTRYINDEX);
  lua_pop(lua, 1);
  return (uintptr_t)root;
}

void peer_release(uintptr_t root) {
  luaL_unref(lua, LUA_REGISTRYINDEX, (int)root);
}

int64_t peer_collect(void) {
  lua_gc(lua, LUA_GCCOLLECT);
  return COLLECTED_UNKNOWN;
}

void peer_reset(void) {
}
