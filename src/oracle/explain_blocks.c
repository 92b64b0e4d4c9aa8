/* Why blocks lie, move and read as they do, and what tracing has summed up (rules BLK, ALH, TM). */
#include "oracle/explain_why.h"

#include <string.h>

static const struct rh_why_sentence sentences[] = {
    {RH_OP_PM_MALLOC, "BLK-7", "the request decides: a block, or null when it is too large"},
    {RH_OP_PM_CALLOC, "BLK-7", "the request decides: a block, or null when it is too large"},
    {RH_OP_PM_REALLOC, "BLK-5", "the old and the new size decide whether the block moves"},
    {RH_OP_PM_MMALLOC, "BLK-14", "the memory domain shares the pools of the object domain"},
    {RH_OP_PM_RMALLOC, "BLK-14", "the raw domain is the system's"},
    {RH_OP_PM_MFREE, "BLK-14", "a block is freed where it came from"},
    {RH_OP_PM_RFREE, "BLK-14", "a block is freed where it came from"},
    {RH_OP_PM_FREE, "BLK-8", "only a live block's start is freed"},
    {RH_OP_PM_BYTES, "BLK-3", "the bytes are what was written last"},
    {RH_OP_PM_FILL, "BLK-3", "only bytes of the block are written"},
    {RH_OP_PM_POKE, "BLK-3", "only bytes of the block are written"},
    {RH_OP_PM_EQ, "BLK-1", "two live blocks never share an address"},
    {RH_OP_PM_DELTA, "BLK-9", "blocks of one pool lie at multiples of their class size"},
    {RH_OP_PM_OFF, "BLK-2", "blocks of a pool lie behind its header at multiples of their class size"},
    {RH_OP_PM_SAMEPOOL, "BLK-9", "the pool first in line serves a request"},
    {RH_OP_PM_BLOCKS, "BLK-13",
     "the blocks of the class in use grew by those requested and those of objects, less those freed"},
    {RH_OP_PM_POOLS, "BLK-13", "the pools of the class with blocks in use"},
    {RH_OP_PM_AVAIL, "BLK-13", "the room left in pools with blocks in use"},
    {RH_OP_PM_ARENAS, "BLK-10", "wholly free arenas go back, the last one apart"},
    {RH_OP_PM_IDENTITY, "BLK-11", "the parts add up to the whole"},
    {RH_OP_PM_LOSSIDENTITY, "BLK-11", "the parts add up to the whole"},
    {RH_OP_BLOCKS, "BLK-11", "the number of blocks follows from allocations and frees"},
    {RH_OP_TM_START, "TM-4", "the limit is 1 to 65535 frames"},
    {RH_OP_TM_LIMIT, "TM-4", "the last start that was not in vain set the limit"},
    {RH_OP_TM_TRACING, "TM-5", "the last start or stop decides"},
    {RH_OP_TM_DELTA, "TM-1", "the requests and the ends of blocks since `tm.mark` add up"},
    {RH_OP_TM_PEAKDELTA, "TM-3", "the peak is the largest sum since the start or the last reset"},
    {RH_OP_TM_OBJTB, "TM-6", "an object has a trace when its memory was requested while tracing"},
    {RH_OP_TM_TRACK, "TM-7", "traces are entered by hand only while tracing"},
    {RH_OP_TM_UNTRACK, "TM-7", "traces are removed by hand only while tracing"},
    {RH_OP_TM_HAS, "TM-7", "the last trace entered there and not removed decides"},
    {RH_OP_TM_TRACESIZE, "TM-7", "the last trace entered there and not removed decides"},
    {RH_OP_FATAL, "ALH-5", "debug hooks end the process at the first fault they find"},
};

static const struct rh_arg *block_argument(const struct rh_why *why, const struct rh_op *op, uint32_t i) {
  return &why->trace->args[op->first_arg + i];
}

static void explain_request(struct rh_why *why) {
  bool empty = false;
  for (uint32_t i = 1; i < why->op->nargs; i++) {
    const struct rh_arg *size = block_argument(why, why->op, i);
    empty = empty || (size->integer == 0 && !size->is_unsigned);
  }
  if (empty) {
    rh_why_rule(why, "BLK-6");
    rh_why_say(why, "the request is for no bytes, and gets a block");
  } else {
    (void)rh_why_say_sentence(why, sentences, sizeof sentences / sizeof *sentences);
  }
}

/* Bytes written before the block was resized are those that realloc keeps. */
static void explain_bytes(struct rh_why *why) {
  uint32_t name = block_argument(why, why->op, 0)->name;
  for (size_t i = why->position; i-- > 0;) {
    const struct rh_op *before = &why->trace->ops[why->trace->top[i]];
    bool writes = before->code == RH_OP_PM_FILL || before->code == RH_OP_PM_POKE || before->code == RH_OP_PM_CALLOC;
    bool resizes = before->code == RH_OP_PM_REALLOC;
    if ((!writes && !resizes) || block_argument(why, before, 0)->name != name) continue;
    if (writes) break;
    rh_why_rule(why, "BLK-4");
    rh_why_say_operation(why, i);
    rh_why_say(why, " keeps the bytes that both sizes have");
    return;
  }
  (void)rh_why_say_sentence(why, sentences, sizeof sentences / sizeof *sentences);
}

bool rh_why_blocks(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_PM_MALLOC:
  case RH_OP_PM_CALLOC:
    explain_request(why);
    return true;
  case RH_OP_PM_BYTES:
    explain_bytes(why);
    return true;
  default:
    return rh_why_say_sentence(why, sentences, sizeof sentences / sizeof *sentences);
  }
}
