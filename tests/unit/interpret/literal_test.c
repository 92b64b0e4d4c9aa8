/*
 * Literals: what they stand for, and what is refused.
 */
#include "oracle/literal.h"

#include "test.h"

static struct rh_literal literal;

static bool parse(const char *source) {
  return rh_literal_parse(source, strlen(source), &literal);
}

static bool is_text(const char *source, const char *text, bool folded) {
  return parse(source) && literal.type == RH_LITERAL_TEXT && literal.folded == folded &&
         literal.text.size == strlen(text) && memcmp(literal.text.bytes, text, literal.text.size) == 0;
}

static bool is_integer(const char *source, int64_t value) {
  return parse(source) && literal.type == RH_LITERAL_INTEGER && literal.integer == value;
}

static void words(void) {
  CHECK(parse("None") && literal.type == RH_LITERAL_NONE);
  CHECK(parse(" True ") && literal.type == RH_LITERAL_TRUE);
  CHECK(parse("...") && literal.type == RH_LITERAL_ELLIPSIS);
  CHECK(parse("()") && literal.type == RH_LITERAL_EMPTY_TUPLE);
  CHECK(parse("b''") && literal.type == RH_LITERAL_EMPTY_BYTES);
  CHECK(parse("int") && literal.type == RH_LITERAL_TYPE);
  unsigned name = literal.name;
  CHECK(parse("str") && literal.type == RH_LITERAL_TYPE && literal.name != name);
}

static void numbers(void) {
  CHECK(is_integer("0", 0) && is_integer("-7", -7) && is_integer("0x1F", 31) && is_integer("0b101", 5));
  CHECK(is_integer("1_000", 1000) && is_integer("9223372036854775807", INT64_MAX) && is_integer("00", 0));
  CHECK(!parse("9223372036854775808") && !parse("007") && !parse("1__0") && !parse("_1") && !parse("0x") &&
        !parse("-"));
  CHECK(parse("1.5") && literal.type == RH_LITERAL_REAL && literal.real == 1.5);
  CHECK(parse("-2e3") && literal.real == -2000.0);
  CHECK(!parse("1j") && !parse("1.5.5") && !parse("1e") && !parse("1.5 2"));
}

static void texts(void) {
  CHECK(is_text("\"plain\"", "plain", true) && is_text("'it'", "it", true) && is_text("\"\"", "", true));
  CHECK(is_text("\"a\\n\\x41\\u00e9\\U0001F600\\101\"",
                "a\nA\xc3\xa9\xf0\x9f\x98\x80"
                "A",
                true));
  CHECK(is_text("\"some_\" + \"name\"", "some_name", true) && is_text("\"a\" 'b'", "ab", true));
  CHECK(is_text("\"ab\" * 3", "ababab", true) && is_text("2 * \"ab\" * 2", "abababab", true));
  CHECK(is_text("\"x\" + \"y\" * 2 + \"z\"", "xyyz", true) && is_text("\"x\" * 0", "", true));
  CHECK(is_text("\"x\" * -1", "", false));
  CHECK(!parse("\"open") && !parse("\"\\q\"") && !parse("\"\\x4\"") && !parse("\"\\ud800\"") && !parse("\"a\" +"));
  CHECK(!parse("\"a\" * \"b\"") && !parse("f\"a\"") && !parse("\"a\"[0]") && !parse("") && !parse("3 * 4"));
}

static void folding_ends_at_4096_characters(void) {
  CHECK(parse("\"x\" * 4096") && literal.folded && literal.text.size == 4096);
  CHECK(parse("\"x\" * 4097") && !literal.folded && literal.text.size == 4097);
  CHECK(parse("\"\\u00e9\" * 4096") && literal.folded && literal.text.size == 8192);
  CHECK(!parse("\"x\" * 99999999999"));
}

static void other_expressions(void) {
  static const char *const sources[] = {"frozenset()", "[1]", "{}", "(1,)", "len", "nan", "None None", "1 + 1"};
  for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) CHECK(!parse(sources[i]));
  rh_text_free(&literal.text);
}

TEST_MAIN(words, numbers, texts, folding_ends_at_4096_characters, other_expressions)
