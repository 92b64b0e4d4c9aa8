/*
 * Values, caches, interning, sizes, counts of immortal objects, raw blocks.
 */
#include "runtime_test.h"

static uint32_t text(const char *utf8, bool constant) {
  return rh_runtime_new_str(utf8, strlen(utf8), constant);
}

static void small_ints_are_shared(void) { /* INT-1 */
  start("cpython-3.12.1");
  CHECK(rh_runtime_new_int(-5) == rh_runtime_new_int(-5));
  CHECK(rh_runtime_new_pow2(8) == rh_runtime_new_int(256));
  CHECK(rh_runtime_new_int(257) != rh_runtime_new_int(257));
  CHECK(rh_runtime_new_int(-6) != rh_runtime_new_int(-6));
  start("cpython-3.15");
  CHECK(rh_runtime_new_int(1024) == rh_runtime_new_int(1024));
  CHECK(rh_runtime_new_int(1025) != rh_runtime_new_int(1025));
}

static void strings_are_shared_and_interned(void) { /* INT-2 to INT-7 */
  start("cpython-3.11.7");
  CHECK(text("", false) == text("", true));
  CHECK(text("\xc3\xa9", false) == text("\xc3\xa9", true));
  CHECK(text("\xc4\x80", false) != text("\xc4\x80", false));
  CHECK(text("some_name_1", true) == text("some_name_1", true));
  CHECK(text("not a name!", true) != text("not a name!", true));
  CHECK(text("some_name_1", false) != text("some_name_1", false));
  uint32_t s = text("never seen", false), t = text("never seen", false);
  CHECK_INT(rh_runtime_intern(s), s);
  CHECK_INT(rh_runtime_intern(t), s);
  CHECK_INT(rh_runtime_refs(s), 3);
  for (int i = 0; i < 3; i++) rh_runtime_drop(s);
  CHECK_INT(rh_runtime_intern(t), t);
  CHECK_INT(rh_runtime_intern(node()), 0);
  start("cpython-3.12.6");
  s = text("never seen", false);
  rh_runtime_intern(s);
  CHECK(rh_runtime_immortal(s));
  rh_runtime_drop(s), rh_runtime_drop(s), rh_runtime_drop(s);
  CHECK(rh_runtime_intern(text("never seen", false)) == s);
}

static void characters_are_cut_out(void) {
  start("cpython-3.12.1");
  uint32_t s = text("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z", false);
  CHECK_INT(rh_runtime_length(s), 5);
  CHECK(rh_runtime_char_of(s, 0) == text("a", false));
  CHECK(rh_runtime_char_of(s, 1) == text("\xc3\xa9", false));
  CHECK_INT(rh_runtime_size_of(rh_runtime_char_of(s, 3)), 56 + 2 * 4);
  CHECK(rh_runtime_char_of(s, 4) == text("z", false));
  CHECK_INT(rh_runtime_char_of(s, 5), 0);
}

static void sizes(void) { /* SIZ-1 to SIZ-7 */
  static const char *const names[] = {"cpython-3.9", "cpython-3.12.1", "cpython-3.14"};
  static const int64_t expected[3][12] = {{24, 28, 32, 36, 50, 83, 94, 116, 40, 56, 64, 72},
                                          {28, 28, 32, 36, 42, 67, 78, 100, 40, 56, 72, 80},
                                          {28, 28, 32, 36, 42, 67, 78, 100, 48, 64, 72, 80}};
  for (int i = 0; i < 3; i++) {
    start(names[i]);
    uint32_t n = node(), pair[2] = {n, n};
    const uint32_t objects[12] = {
        rh_runtime_new_int(0),
        rh_runtime_new_int(1),
        rh_runtime_new_pow2(30),
        rh_runtime_new_pow2(60),
        text("a", true),
        text("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", false),
        text("\xc4\x80\xc4\x80\xc4\x80\xc4\x80\xc4\x80\xc4\x80\xc4\x80\xc4\x80\xc4\x80\xc4\x80", false),
        text("\xf0\x90\x80\x80\xf0\x90\x80\x80\xf0\x90\x80\x80\xf0\x90\x80\x80\xf0\x90\x80\x80"
             "\xf0\x90\x80\x80\xf0\x90\x80\x80\xf0\x90\x80\x80\xf0\x90\x80\x80\xf0\x90\x80\x80",
             false),
        rh_runtime_new_tuple(NULL, 0, RH_RT_FROM_CONST),
        rh_runtime_new_tuple(pair, 2, RH_RT_FROM_DISPLAY),
        n,
        weak(n, false, 0)};
    for (int j = 0; j < 12; j++) CHECK_INT(rh_runtime_size_of(objects[j]), expected[i][j]);
    CHECK_INT(rh_runtime_size_of(rh_runtime_new_bytes(17)), 50);
    CHECK_INT(rh_runtime_size_of(rh_runtime_constant(RH_RT_CONST_TYPE)), RH_RT_UNSUPPORTED);
  }
}

static void deques_start_in_the_middle_of_a_block(void) { /* SIZ-7 */
  start("cpython-3.12.1");
  uint32_t q = rh_runtime_new_object(RH_RT_DEQUE, 0);
  for (int i = 0; i < 32; i++) rh_runtime_append(q, rh_runtime_new_int(0));
  CHECK_INT(rh_runtime_size_of(q), 760);
  rh_runtime_append(q, rh_runtime_new_int(0));
  CHECK_INT(rh_runtime_size_of(q), 760 + 528);
  CHECK_INT(rh_runtime_size_of(rh_runtime_copy(q)), 760);
}

static void counts_of_immortal_objects(void) { /* RC-13, RC-14, RC-15 */
  start("cpython-3.12.1");
  CHECK_INT(rh_runtime_refs(rh_runtime_constant(RH_RT_CONST_NONE)), 4294967294);
  CHECK(rh_runtime_immortal(rh_runtime_new_int(7)) && !rh_runtime_immortal(rh_runtime_new_int(7000)));
  start("cpython-3.14");
  CHECK_INT(rh_runtime_refs(rh_runtime_new_int(7)), 3221225471);
  start("cpython-3.11.7");
  CHECK(rh_runtime_immortal(rh_runtime_new_int(7)) && !rh_runtime_immortal(rh_runtime_constant(RH_RT_CONST_NONE)));
  CHECK_INT(rh_runtime_refs(rh_runtime_constant(RH_RT_CONST_NONE)), RH_RT_UNSUPPORTED);
  start("cpython-3.10");
  CHECK(!rh_runtime_immortal(rh_runtime_new_int(7)));
}

static void starting_again_forgets_everything(void) {
  start("cpython-3.12.1");
  rh_runtime_intern(text("kept", false));
  rh_runtime_set_threshold(0, 1);
  node(), rh_runtime_new_dict(6, RH_RT_FROM_COMP);
  uint32_t b = rh_runtime_block_new(100, false);
  CHECK(b != 0);
  CHECK_INT(rh_runtime_live_blocks(), 1);
  start("cpython-3.12.1");
  CHECK_INT(rh_runtime_live_objects(), 0);
  CHECK_INT(rh_runtime_live_blocks(), 0);
  CHECK_INT(rh_runtime_threshold(0), 700);
  CHECK_INT(rh_runtime_threshold(-1), RH_RT_INDEX_ERROR);
  CHECK_INT(rh_runtime_threshold(3), RH_RT_INDEX_ERROR);
  CHECK_INT(rh_runtime_count(0), 0);
  CHECK_INT(rh_runtime_block_free(b), RH_RT_VALUE_ERROR);
  uint32_t s = text("kept", false);
  CHECK_INT(rh_runtime_intern(s), s);
}

static void blocks_keep_their_bytes(void) { /* BLK-3 to BLK-8 */
  start("cpython-3.12.1");
  uint32_t b = rh_runtime_block_new(512, false), z = rh_runtime_block_new(0, true), old = b;
  CHECK(z != 0 && rh_runtime_block_address(b) != rh_runtime_block_address(z));
  CHECK_INT(rh_runtime_block_write(b, 0, 7, 512), RH_RT_OK);
  CHECK_INT(rh_runtime_block_write(b, 510, 8, 3), RH_RT_VALUE_ERROR);
  CHECK_INT(rh_runtime_block_resize(&b, 385), RH_RT_REALLOC_SAME);
  CHECK_INT(rh_runtime_block_read(b, 385), RH_RT_VALUE_ERROR);
  CHECK_INT(rh_runtime_block_resize(&b, 384), RH_RT_REALLOC_MOVED);
  CHECK_INT(rh_runtime_block_read(b, 383), 7);
  CHECK_INT(rh_runtime_block_resize(&b, UINT64_MAX), RH_RT_REALLOC_NULL);
  CHECK_INT(rh_runtime_block_read(b, 0), 7);
  CHECK_INT(rh_runtime_block_new(UINT64_C(1) << 63, false), 0);
  CHECK_INT(rh_runtime_block_free(b), RH_RT_OK);
  CHECK_INT(rh_runtime_block_free(old), RH_RT_VALUE_ERROR);
  CHECK_INT(rh_runtime_live_blocks(), 1);
}

TEST_MAIN(small_ints_are_shared, strings_are_shared_and_interned, characters_are_cut_out, sizes,
          deques_start_in_the_middle_of_a_block, counts_of_immortal_objects, starting_again_forgets_everything,
          blocks_keep_their_bytes)
