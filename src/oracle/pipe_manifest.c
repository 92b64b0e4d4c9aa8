/* The manifest: reading it line by line, and what it excludes. */
#define _POSIX_C_SOURCE 200809L
#include "oracle/pipe.h"

#include <string.h>

static const char *const capability_words[RH_CAPABILITIES] = {
#define CAPABILITY(code, word) [RH_CAN_##code] = (word),
#include "oracle/pipe_capability.def"
};

/* enum rh_capability, 0 (RH_CAN_ALWAYS) where none is listed: see needs_of. */
static const unsigned char op_needs[RH_OPCODE_COUNT] = {
#define OP_NEEDS(op, code) [RH_OP_##op] = 1 + RH_CAN_##code,
#include "oracle/pipe_capability.def"
};

static const unsigned char kind_needs[RH_KINDCODE_COUNT] = {
#define KIND_NEEDS(kind, code) [RH_NEW_##kind] = 1 + RH_CAN_##code,
#include "oracle/pipe_capability.def"
};

static enum rh_capability needs_of(unsigned char listed) {
  return listed == 0 ? RH_CAN_OBJECTS : (enum rh_capability)(listed - 1);
}

static bool lacks(const struct rh_manifest *manifest, enum rh_capability capability, struct rh_text *reason) {
  if (manifest->capabilities & (1u << capability)) return false;
  rh_text_printf(reason, "capability %s", capability_words[capability]);
  return true;
}

static bool excludes_itself(const struct rh_manifest *manifest, const struct rh_op *op, struct rh_text *reason) {
  bool makes = op->code == RH_OP_NEW;
  if (manifest->excluded_ops[op->code]) {
    rh_text_printf(reason, "operation %s", rh_opcode_spelling(op->code));
    return true;
  }
  if (makes && manifest->excluded_kinds[op->kind]) {
    rh_text_printf(reason, "kind %s", rh_kindcode_spelling(op->kind));
    return true;
  }
  return lacks(manifest, needs_of(op_needs[op->code]), reason) ||
         (makes && lacks(manifest, needs_of(kind_needs[op->kind]), reason)) ||
         (op->fail_nth > 0 && lacks(manifest, RH_CAN_FAULTS, reason));
}

bool rh_manifest_excludes(const struct rh_manifest *manifest, const struct rh_trace *trace, const struct rh_op *op,
                          struct rh_text *reason) {
  if (excludes_itself(manifest, op, reason)) return true;
  for (uint32_t i = 0; i < op->nchildren; i++) /* nesting is limited by the language */
    if (rh_manifest_excludes(manifest, trace, &trace->ops[op->first_child + i], reason)) return true;
  return false;
}

/* --- reading --- */

int rh_pipe_shown(const char *line) {
  enum { MOST = 80 };
  size_t n = strnlen(line, MOST + 1);
  if (n <= MOST) return (int)n;
  for (n = MOST; n > 0 && ((unsigned char)line[n] & 0xc0) == 0x80;) n--;
  return (int)n;
}

static void complain(char *message, size_t size, const char *what, const char *line) {
  (void)snprintf(message, size, "manifest: %s: '%.*s'", what, rh_pipe_shown(line), line);
}

static bool read_capability(struct rh_manifest *manifest, const char *word) {
  for (int i = RH_CAN_ALWAYS + 1; i < RH_CAPABILITIES; i++) {
    if (strcmp(word, capability_words[i]) == 0) {
      manifest->capabilities |= 1u << i;
      return true;
    }
  }
  return false;
}

/* `set` is an operation and a kind: bare it excludes both. */
static bool read_unsupported(struct rh_manifest *manifest, const char *word, bool operations, bool kinds) {
  bool found = false;
  for (int i = 1; operations && i < RH_OPCODE_COUNT; i++)
    if (strcmp(word, rh_opcode_spelling((enum rh_opcode)i)) == 0) found = manifest->excluded_ops[i] = true;
  for (int i = 1; kinds && i < RH_KINDCODE_COUNT; i++)
    if (strcmp(word, rh_kindcode_spelling((enum rh_kindcode)i)) == 0) found = manifest->excluded_kinds[i] = true;
  return found;
}

/* Reads every blank-separated word of `words`, which it cuts up. */
static bool read_words(struct rh_manifest *manifest, char *words, bool capabilities) {
  bool operations = true, kinds = true, any = false;
  char *rest = NULL;
  for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
    bool only_operations = !any && !capabilities && strcmp(word, "operation") == 0;
    bool only_kinds = !any && !capabilities && strcmp(word, "kind") == 0;
    if (only_operations || only_kinds) {
      operations = only_operations;
      kinds = only_kinds;
      continue;
    }
    any = true;
    if (!(capabilities ? read_capability(manifest, word) : read_unsupported(manifest, word, operations, kinds)))
      return false;
  }
  return any;
}

static bool read_field(char *field, size_t room, const char *value) {
  size_t n = strlen(value);
  if (n == 0 || n >= room) return false;
  memcpy(field, value, n + 1);
  return true;
}

/* The text after `key `, or NULL. */
static const char *value_of(const char *line, const char *key) {
  size_t n = strlen(key);
  return strncmp(line, key, n) == 0 && line[n] == ' ' ? line + n + 1 : NULL;
}

static bool finish(struct rh_manifest *manifest, char *message, size_t size) {
  const char *missing = manifest->name[0] == '\0'      ? "name"
                        : manifest->version[0] == '\0' ? "version"
                        : manifest->profile[0] == '\0' ? "profile"
                                                       : NULL;
  if (missing != NULL) (void)snprintf(message, size, "manifest: no line '%s ...'", missing);
  if (manifest->capabilities == 0) manifest->capabilities = (1u << RH_CAPABILITIES) - 1;
  manifest->capabilities |= 1u << RH_CAN_ALWAYS;
  return missing == NULL;
}

static bool read_greeting(const char *line, char *message, size_t size) {
  char expected[40];
  (void)snprintf(expected, sizeof expected, "refheap-adapter %d", RH_PROTOCOL_VERSION);
  if (strcmp(line, expected) == 0) return true;
  (void)snprintf(message, size, "manifest: the first line must be '%s', not '%.*s'", expected, rh_pipe_shown(line),
                 line);
  return false;
}

bool rh_manifest_read(struct rh_manifest *manifest, const char *line, bool first, bool *end, char *message,
                      size_t size) {
  *end = false;
  if (first) {
    *manifest = (struct rh_manifest){0};
    return read_greeting(line, message, size);
  }
  if (strcmp(line, "end") == 0) {
    *end = true;
    return finish(manifest, message, size);
  }
  char words[1024];
  const char *value = NULL;
  bool legal = false;
  if ((value = value_of(line, "name")) != NULL) {
    legal = read_field(manifest->name, sizeof manifest->name, value);
  } else if ((value = value_of(line, "version")) != NULL) {
    legal = read_field(manifest->version, sizeof manifest->version, value);
  } else if ((value = value_of(line, "profile")) != NULL) {
    legal = read_field(manifest->profile, sizeof manifest->profile, value);
  } else if ((value = value_of(line, "capability")) != NULL) {
    legal = read_field(words, sizeof words, value) && read_words(manifest, words, true);
  } else if ((value = value_of(line, "unsupported")) != NULL) {
    legal = read_field(words, sizeof words, value) && read_words(manifest, words, false);
  } else {
    complain(message, size, "no such line", line);
    return false;
  }
  if (!legal) complain(message, size, "bad value", line);
  return legal;
}
