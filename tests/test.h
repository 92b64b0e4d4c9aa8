/*
 * The unit-test frame: CHECK reports and counts, TEST_MAIN runs every test of
 * a file in order and prints `N passed, M failed`.
 */
#ifndef RH_TESTS_TEST_H
#define RH_TESTS_TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static unsigned long test_checks, test_failures;

#define CHECK(condition)                                                                                               \
  (test_checks++,                                                                                                      \
   (condition) ? (void)0                                                                                               \
               : (test_failures++, (void)fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition)))

#define CHECK_INT(got, expected)                                                                                       \
  do {                                                                                                                 \
    long long test_got = (long long)(got), test_expected = (long long)(expected);                                      \
    test_checks++;                                                                                                     \
    if (test_got != test_expected) {                                                                                   \
      test_failures++;                                                                                                 \
      fprintf(stderr, "%s:%d: %s is %lld, expected %lld\n", __FILE__, __LINE__, #got, test_got, test_expected);        \
    }                                                                                                                  \
  } while (0)

#define CHECK_TEXT(got, expected)                                                                                      \
  do {                                                                                                                 \
    const char *test_got = (got), *test_expected = (expected);                                                         \
    test_checks++;                                                                                                     \
    if (strcmp(test_got, test_expected) != 0) {                                                                        \
      test_failures++;                                                                                                 \
      fprintf(stderr, "%s:%d: %s is\n  %s\nexpected\n  %s\n", __FILE__, __LINE__, #got, test_got, test_expected);      \
    }                                                                                                                  \
  } while (0)

#define TEST_MAIN(...)                                                                                                 \
  int main(void) {                                                                                                     \
    void (*const tests[])(void) = {__VA_ARGS__};                                                                       \
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) tests[i]();                                              \
    printf("%lu passed, %lu failed\n", test_checks - test_failures, test_failures);                                    \
    return test_failures != 0 || test_checks == 0;                                                                     \
  }

#endif
