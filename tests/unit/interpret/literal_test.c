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
  CHECK(parse("True") && literal.type == RH_LITERAL_TRUE);
  CHECK(parse("...") && literal.type == RH_LITERAL_ELLIPSIS);
  CHECK(parse("int") && literal.type == RH_LITERAL_TYPE);
  unsigned name = literal.name;
  CHECK(parse("str") && literal.type == RH_LITERAL_TYPE && literal.name != name);
}

static void numbers(void) {
  CHECK(is_integer("0", 0) && is_integer("-7", -7) && is_integer("0x1F", 31) && is_integer("0b101", 5));
  CHECK(is_integer("1_000", 1000) && is_integer("9223372036854775807", INT64_MAX) && is_integer("00", 0));
  CHECK(!parse("007") && !parse("1__0") && !parse("_1") && !parse("0x") && !parse("-"));
  CHECK(parse("1.5") && literal.type == RH_LITERAL_REAL && literal.real == 1.5);
  CHECK(parse("-2e3") && literal.real == -2000.0);
  CHECK(!parse("1.5.5") && !parse("1e") && !parse("1.5 2"));
}

static bool is_big(const char *source, bool negative, uint32_t power, int64_t offset) {
  return parse(source) && literal.type == RH_LITERAL_BIG && literal.negative == negative && literal.power == power &&
         literal.integer == offset;
}

static void large_numbers(void) {
  CHECK(is_big("9223372036854775808", false, 63, 0) && is_big("-9223372036854775809", true, 63, 1));
  CHECK(is_big("0xffffffffffffffff", false, 63, INT64_MAX) && is_big("18446744073709551616", false, 64, 0));
  CHECK(is_big("36893488147419103231", false, 65, -1) && !parse("55340232221128654848") && !parse("1e99j9"));
  CHECK(is_big("2 ** 100", false, 100, 0) && is_big("1 << 63", false, 63, 0) && is_integer("2**10", 1024));
  CHECK(!parse("3 ** 2") && !parse("2 << 3") && !parse("2 ** -1") && !parse("09223372036854775808"));
}

static bool is_complex(const char *source, double real, double imaginary) {
  return parse(source) && literal.type == RH_LITERAL_COMPLEX && literal.real == real && literal.imaginary == imaginary;
}

static void complex_numbers(void) {
  CHECK(is_complex("1j", 0, 1) && is_complex("-2.5J", 0, -2.5) && is_complex("1+2j", 1, 2));
  CHECK(is_complex("-1.5e1-2e3j", -15, -2000));
  CHECK(!parse("j") && !parse("1+j") && !parse("1+2j+3") && !parse("+1j") && !parse("1+2+3j"));
}

static bool is_bytes(const char *source, const char *bytes, size_t size, bool folded) {
  return parse(source) && literal.type == RH_LITERAL_BYTES && literal.folded == folded && literal.text.size == size &&
         memcmp(literal.text.bytes, bytes, size) == 0;
}

static void bytes(void) {
  CHECK(is_bytes("b\"ab\"", "ab", 2, true) && is_bytes("b'\\xff\\x00'", "\xff", 2, true) && parse("b''"));
  CHECK(is_bytes("b'ab' * 2", "abab", 4, true) && parse("b'x' * 4097") && !literal.folded);
  CHECK(!parse("b'\\u0041'") && !parse("b'\xc3\xa9'") && !parse("b'a' 'b'") && !parse("b'open"));
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

TEST_MAIN(words, numbers, large_numbers, complex_numbers, bytes, texts, folding_ends_at_4096_characters,
          other_expressions)
