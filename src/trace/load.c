/*
 * Reading a trace from a file, in whichever spelling it is.
 */
#include <errno.h>
#include <string.h>

#include "trace/internal.h"

static bool read_all(FILE *stream, struct rh_text *bytes) {
  char buffer[1 << 16];
  size_t n;
  while ((n = fread(buffer, 1, sizeof buffer, stream)) > 0) rh_text_append(bytes, buffer, n);
  if (bytes->capacity == SIZE_MAX) errno = ENOMEM;
  return !ferror(stream) && bytes->capacity != SIZE_MAX;
}

static bool read_file(const char *file, struct rh_text *bytes) {
  if (strcmp(file, "-") == 0) return read_all(stdin, bytes);
  FILE *stream = fopen(file, "rb");
  if (!stream) return false;
  bool good = read_all(stream, bytes);
  int error = errno;
  fclose(stream);
  errno = error;
  return good;
}

static struct rh_trace *load_binary(const struct rh_text *bytes, struct rh_diagnostic *diagnostic) {
  size_t magic = strlen(RH_BINARY_MAGIC);
  if (bytes->size <= magic || bytes->bytes[magic] != '0' + RH_TRACE_VERSION) {
    *diagnostic = (struct rh_diagnostic){.line = 1, .column = (uint32_t)magic + 1};
    snprintf(diagnostic->message, sizeof diagnostic->message,
             "binary trace of another version; this is a reader of version %d", RH_TRACE_VERSION);
    return NULL;
  }
  struct rh_trace *trace = rh_trace_decode((const uint8_t *)bytes->bytes, bytes->size);
  if (!trace) snprintf(diagnostic->message, sizeof diagnostic->message, "out of memory");
  return trace;
}

struct rh_trace *rh_trace_load(const char *file, struct rh_diagnostic *diagnostic) {
  struct rh_text bytes = {0};
  struct rh_trace *trace = NULL;
  *diagnostic = (struct rh_diagnostic){0};
  errno = 0;
  if (!read_file(file, &bytes)) {
    snprintf(diagnostic->message, sizeof diagnostic->message, "cannot be read: %s", strerror(errno));
  } else if (bytes.size >= strlen(RH_BINARY_MAGIC) &&
             memcmp(bytes.bytes, RH_BINARY_MAGIC, strlen(RH_BINARY_MAGIC)) == 0) {
    trace = load_binary(&bytes, diagnostic);
  } else if (bytes.size > 0 && bytes.bytes[0] == '{') {
    trace = rh_trace_parse_json(file, bytes.bytes, bytes.size, diagnostic);
  } else {
    trace = rh_trace_parse(file, bytes.size ? bytes.bytes : "", bytes.size, diagnostic);
  }
  rh_text_free(&bytes);
  return trace;
}
