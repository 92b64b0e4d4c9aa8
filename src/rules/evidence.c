/* Notes in an array, their texts one behind the other. */
#include "rules/evidence.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 512 };

struct note {
  const char *rule;
  uint32_t subject;
  size_t text; /* offset of a NUL-terminated text */
};

bool rh_evidence_kept;

static struct {
  struct note *notes;
  size_t n, room;
  char *text;
  size_t size, text_room;
} kept;

void rh_evidence_keep(bool keep) {
  free(kept.notes);
  free(kept.text);
  memset(&kept, 0, sizeof kept);
  rh_evidence_kept = keep;
}

size_t rh_evidence_notes(void) {
  return kept.n;
}

struct rh_evidence rh_evidence(size_t i) {
  const struct note *note = &kept.notes[i];
  return (struct rh_evidence){note->rule, note->subject, kept.text + note->text};
}

/* Room for one more element of `size` bytes, and `more` behind it. */
static bool reserve(void **array, size_t *room, size_t used, size_t more, size_t size) {
  if (*room - used >= more) return true;
  size_t grown = *room * 2 + more;
  void *moved = realloc(*array, grown * size);
  if (moved == NULL) return false;
  *array = moved;
  *room = grown;
  return true;
}

void rh_evidence_note(const char *rule, uint32_t subject, const char *format, ...) {
  void *notes = kept.notes, *text = kept.text;
  bool enough = reserve(&notes, &kept.room, kept.n, 1, sizeof *kept.notes) &&
                reserve(&text, &kept.text_room, kept.size, TEXT_MAX, 1);
  kept.notes = notes;
  if (!enough) {
    rh_evidence_kept = false;
    return;
  }
  kept.text = text;
  kept.notes[kept.n++] = (struct note){rule, subject, kept.size};
  va_list values;
  va_start(values, format);
  int length = vsnprintf(kept.text + kept.size, TEXT_MAX, format, values);
  va_end(values);
  kept.size += length < 0 ? 1 : length < TEXT_MAX ? (size_t)length + 1 : TEXT_MAX;
}
