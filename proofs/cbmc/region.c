/*
 * The address shell: what the shipped address.c does to the bytes of the
 * region, and how it names them, whatever blocks there are.
 */
#include "check.h"
#include "core/address.h"
#include "core/block.h"

enum { BYTES = RH_GRANULES * RH_GRANULE };

static uint64_t size[RH_GRANULES]; /* of the block at each handle; 0: none */

uint64_t rh_block_size(uint32_t b) {
  return b < RH_GRANULES ? size[b] : 0;
}

static uint32_t moved_to;

uint32_t rh_block_move(uint32_t b, uint64_t bytes) {
  (void)b, (void)bytes;
  return moved_to;
}

static uint32_t made; /* the handle of the next new block, 0: none */

uint32_t rh_block_new(uint64_t bytes) {
  (void)bytes;
  return made;
}

static uint32_t offered; /* the handle that was last to be freed */

bool rh_block_free(uint32_t b) {
  offered = b;
  return rh_block_size(b) != 0;
}

/* Some place in the region, and a byte to be there. */
static uint32_t any_place(unsigned char value) {
  uint32_t k = nondet_short();
  SUPPOSE(k < BYTES);
  rh_region[k] = value;
  return k;
}

static bool within(uint32_t k, uint32_t g, uint32_t n) {
  return g * RH_GRANULE <= k && k < (g + n) * RH_GRANULE;
}

void check_region_zero(void) {
  unsigned char before = nondet_byte();
  uint32_t to = nondet_byte(), n = nondet_byte(), k = any_place(before);
  SUPPOSE(to + n <= RH_GRANULES);
  rh_region_zero(to, n);
  CLAIM("zero inside, untouched outside", rh_region[k] == (within(k, to, n) ? 0 : before));
  HAPPENS("all of it", n == RH_GRANULES && before != 0);
}

void check_addresses(void) {
  FILL(size, nondet_byte());
  uint32_t b = nondet_word(), k = any_place(0);
  bool live = b < RH_GRANULES && size[b] != 0;
  unsigned char *bytes = rh_block_bytes(b);
  CLAIM("of live blocks alone", live ? bytes == &rh_region[b * RH_GRANULE] : bytes == 0);
  CLAIM("their own handle", !live || rh_block_at(bytes) == b);
  bool starts = k % RH_GRANULE == 0 && size[k / RH_GRANULE] != 0;
  CLAIM("no other address has one", rh_block_at(&rh_region[k]) == (starts ? k / RH_GRANULE : 0));
  CLAIM("nor none at all", rh_block_at(0) == 0);
  HAPPENS("the last one", live && b == RH_GRANULES - 1);
}

void check_block_bytes(void) {
  FILL(size, nondet_byte());
  size[0] = 0; /* no block has handle 0 */
  made = nondet_word();
  SUPPOSE(made < RH_GRANULES && (made == 0 || size[made] != 0));
  void *bytes = rh_block_new_bytes(nondet_long());
  CLAIM("the new block's", made == 0 ? bytes == 0 : bytes == rh_block_bytes(made));
  CLAIM("freed where they are", rh_block_free_bytes(bytes) == (made != 0) && offered == made);
  uint32_t k = any_place(0);
  bool starts = k % RH_GRANULE == 0 && size[k / RH_GRANULE] != 0;
  CLAIM("and nowhere else", rh_block_free_bytes(&rh_region[k]) == starts);
  CLAIM("by no other handle", !starts || offered == k / RH_GRANULE);
  HAPPENS("no room", made == 0);
  HAPPENS("inside a block", !starts && k % RH_GRANULE != 0);
}

void check_block_resize(void) {
  uint32_t b = nondet_word(), before = b;
  moved_to = nondet_word();
  bool done = rh_block_resize(&b, nondet_long());
  CLAIM("the handle follows", done == (moved_to != 0) && b == (done ? moved_to : before));
  HAPPENS("it moves", done && b != before);
  HAPPENS("it fails", !done);
}
