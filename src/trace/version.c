/*
 * Versions and ranges of versions. A version is one number, major * 65536 +
 * minor * 256 + micro, so ranges are intervals.
 */
#include <string.h>

#include "trace/internal.h"

/* A version as written: without a micro number it means the whole series. */
struct version {
  uint32_t low, high;
};

static bool take_number(const char **p, const char *end, uint32_t *number) {
  const char *start = *p;
  *number = 0;
  for (; *p < end && rh_is_digit(**p) && *p - start < 3; (*p)++) *number = *number * 10 + (uint32_t)(**p - '0');
  return *p > start && *number <= 255;
}

static bool take_version(const char **p, const char *end, struct version *version) {
  uint32_t major, minor, micro;
  if (!take_number(p, end, &major) || *p == end || *(*p)++ != '.' || !take_number(p, end, &minor)) return false;
  version->low = major << 16 | minor << 8;
  version->high = version->low | 0xff;
  if (*p == end || **p != '.') return true;
  ++*p;
  if (!take_number(p, end, &micro)) return false;
  version->low |= micro;
  version->high = version->low;
  return true;
}

/* An open item reaches up to the series of the next higher item. */
static void close_open_item(const struct rh_ranges *ranges, struct rh_range *open) {
  for (size_t i = 0; i < ranges->n; i++) {
    uint32_t series = ranges->items[i].low & ~0xffu;
    if (series > open->low && series <= open->high) open->high = series - 1;
  }
}

const char *rh_ranges_parse(const char *bytes, size_t n, struct rh_ranges *ranges, const char **at) {
  const char *p = bytes, *end = bytes + n;
  bool open[RH_RANGES_MAX];
  for (ranges->n = 0;; p++) {
    *at = p;
    struct version from, to;
    if (ranges->n == RH_RANGES_MAX) return "too many version ranges; the limit is 32";
    if (!take_version(&p, end, &from)) return "bad version range; expected such as 3.12, 3.9-3.12, 3.14.4+";
    to = from;
    open[ranges->n] = p < end && *p == '+';
    if (open[ranges->n]) {
      to.high = UINT32_MAX;
      p++;
    } else if (p < end && *p == '-') {
      p++;
      if (!take_version(&p, end, &to)) return "bad version range; expected a version after '-'";
      if (to.high < from.low) return "empty version range; expected the older version first";
    }
    ranges->items[ranges->n++] = (struct rh_range){from.low, to.high};
    if (p == end) break;
    if (*p != ',') return "bad version range; expected ',' between ranges";
  }
  for (size_t i = 0; i < ranges->n; i++)
    if (open[i]) close_open_item(ranges, &ranges->items[i]);
  return NULL;
}

bool rh_version_selected(uint32_t version, const char *bytes, size_t n) {
  struct rh_ranges ranges;
  const char *at;
  if (n == 0) return true;
  if (rh_ranges_parse(bytes, n, &ranges, &at)) return false;
  for (size_t i = 0; i < ranges.n; i++)
    if (version >= ranges.items[i].low && version <= ranges.items[i].high) return true;
  return false;
}

const struct rh_expectation *rh_expectation_select(const struct rh_trace *trace, const struct rh_op *op,
                                                   uint32_t version) {
  for (uint32_t i = 0; i < op->nexpectations; i++) {
    const struct rh_expectation *candidate = &trace->expectations[op->first_expectation + i];
    if (rh_version_selected(version, trace->text + candidate->versions, candidate->versions_length)) return candidate;
  }
  return NULL;
}
