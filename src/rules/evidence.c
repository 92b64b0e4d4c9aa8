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
  size_t name; /* offset of a name */
  size_t text; /* offset of a NUL-terminated text */
};

bool rh_evidence_kept;

static struct {
  struct note *notes;
  size_t n, room;
  char *text;
  size_t size, text_room;
  char *names; /* one behind the other; the first is "" */
  size_t names_size, names_room;
  size_t *name_of; /* by object: offset of its name */
  size_t objects;
} kept;

void rh_evidence_keep(bool keep) {
  free(kept.notes);
  free(kept.text);
  free(kept.names);
  free(kept.name_of);
  memset(&kept, 0, sizeof kept);
  rh_evidence_kept = keep;
}

size_t rh_evidence_notes(void) {
  return kept.n;
}

struct rh_evidence rh_evidence(size_t i) {
  const struct note *note = &kept.notes[i];
  const char *name = kept.names != NULL ? kept.names + note->name : "";
  return (struct rh_evidence){note->rule, note->subject, name, kept.text + note->text};
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

/* ---- names ---- */

/* Offset of a copy of the name; 0, which is that of "", without memory. */
static size_t copy_name(const char *name) {
  size_t n = strlen(name) + 1;
  void *names = kept.names;
  bool enough = reserve(&names, &kept.names_room, kept.names_size, n + 1, 1);
  kept.names = names;
  if (!enough) return 0;
  if (kept.names_size == 0) kept.names[kept.names_size++] = '\0';
  size_t at = kept.names_size;
  memcpy(kept.names + at, name, n);
  kept.names_size += n;
  return at;
}

/* Every object has a place in name_of; the new ones no name. */
static bool reach_object(uint32_t object) {
  if (object < kept.objects) return true;
  size_t objects = 2 * (size_t)object + 64;
  size_t *moved = realloc(kept.name_of, objects * sizeof *moved);
  if (moved == NULL) return false;
  memset(moved + kept.objects, 0, (objects - kept.objects) * sizeof *moved);
  kept.name_of = moved;
  kept.objects = objects;
  return true;
}

void rh_evidence_name_it(uint32_t object, const char *name) {
  if (!reach_object(object)) return;
  if (*name == '\0') {
    kept.name_of[object] = 0;
  } else if (kept.name_of[object] == 0) {
    kept.name_of[object] = copy_name(name);
  }
}

static size_t name_of(uint32_t object) {
  return object < kept.objects ? kept.name_of[object] : 0;
}

const char *rh_evidence_name(uint32_t object) {
  size_t name = name_of(object);
  return name != 0 ? kept.names + name : "an unnamed object";
}

/* ---- notes ---- */

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
  kept.notes[kept.n++] = (struct note){rule, subject, name_of(subject), kept.size};
  va_list values;
  va_start(values, format);
  int length = vsnprintf(kept.text + kept.size, TEXT_MAX, format, values);
  va_end(values);
  kept.size += length < 0 ? 1 : length < TEXT_MAX ? (size_t)length + 1 : TEXT_MAX;
}
