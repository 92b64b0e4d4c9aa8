/*
 * The allocator's setting, as the environment asks for it: names are those of
 * the variable PYTHONMALLOC.
 */
#include <inttypes.h>
#include <string.h>

#include "oracle/interpret_memory.h"
#include "rules/evidence.h"

static const struct {
  const char *name;
  bool no_pools, guarded;
} settings[] = {{"", false, false},          {"default", false, false}, {"pymalloc", false, false},
                {"malloc", true, false},     {"debug", false, true},    {"pymalloc_debug", false, true},
                {"malloc_debug", true, true}};

static bool read_setting(struct rh_memory *memory, const char *name) {
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    if (strcmp(settings[i].name, name) != 0) continue;
    memory->no_pools = settings[i].no_pools;
    memory->guarded = settings[i].guarded;
    memory->setting = *name != '\0' ? settings[i].name : NULL;
    return true;
  }
  return false;
}

/* The part behind `variable=`, NULL if it is another variable. */
static const char *value_of(const char *setting, const char *variable) {
  size_t n = strlen(variable);
  return strncmp(setting, variable, n) == 0 && setting[n] == '=' ? setting + n + 1 : NULL;
}

bool rh_memory_env(struct rh_run *run, const char *setting) {
  struct rh_memory *memory = &run->blocks.memory;
  const char *name = value_of(setting, "PYTHONMALLOC"), *statistics = value_of(setting, "PYTHONMALLOCSTATS");
  if (!statistics) return name && read_setting(memory, name);
  memory->statistics = *statistics != '\0';
  return !memory->statistics || !run->profile->exit_statistics_crash;
}

static void note_statistics(const struct rh_run *run) {
  if (run->profile->arena_map_root) {
    rh_because(
        "BLK-17", 0,
        "PYTHONMALLOCSTATS is set, so the statistics are written at exit, and behind them the map of arenas, whose "
        "root takes %u bytes",
        run->profile->arena_map_root);
  } else {
    rh_because("BLK-17", 0, "PYTHONMALLOCSTATS is set, so the statistics are written at exit, without a map of arenas");
  }
}

/* BLK-17. When a new arena had them written too is not predicted. */
void rh_memory_end(struct rh_run *run) {
  static const char head[] = "Small block threshold = 512, in 32 size classes.\n\n"
                             "class   size   num pools   blocks in use  avail blocks\n"
                             "-----   ----   ---------   -------------  ------------\n";
  static const char *const lines[] = {head,
                                      "# arenas allocated total           = ",
                                      "# arenas reclaimed                 = ",
                                      "# arenas highwater mark            = ",
                                      "# arenas allocated current         = ",
                                      "# bytes in allocated blocks        = ",
                                      "# bytes in available blocks        = ",
                                      "# bytes lost to pool headers       = ",
                                      "# bytes lost to quantization       = ",
                                      "# bytes lost to arena alignment    = ",
                                      "Total                              = "};
  if (!run->blocks.memory.statistics || run->blocks.memory.no_pools) {
    rh_because("BLK-17", 0, "%s, so no statistics are written",
               run->blocks.memory.statistics ? "there are no pools" : "PYTHONMALLOCSTATS is not set");
    return;
  }
  note_statistics(run);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    rh_text_puts(&run->end.errors, RH_GAP_ANY);
    rh_text_puts(&run->end.errors, lines[i]);
  }
  if (run->profile->arena_map_root) {
    rh_text_puts(&run->end.errors, RH_GAP_ANY "\narena map counts\n" RH_GAP_ANY);
    rh_text_printf(&run->end.errors, "# bytes lost to arena map root     =     %12" PRIu32 ",%03" PRIu32 "\n",
                   run->profile->arena_map_root / 1000, run->profile->arena_map_root % 1000);
  }
  rh_text_puts(&run->end.errors, RH_GAP_ANY);
}
