/*
 * Instances with attributes, classes, functions, generators: beyond the limits
 * of the clear heap, which says that it has no room for them.
 */
#include "model/model.h"

uint32_t rh_model_new_class(void) {
  return 0;
}

uint32_t rh_model_new_function(int form) {
  (void)form;
  return 0;
}

uint32_t rh_model_new_generator(uint32_t held) {
  (void)held;
  return 0;
}

uint32_t rh_model_new_method(uint32_t o) {
  (void)o;
  return 0;
}

uint32_t rh_model_new_sizer(int64_t size, bool above) {
  (void)size, (void)above;
  return 0;
}

uint32_t rh_model_new_strsub(const char *utf8, size_t n) {
  (void)utf8, (void)n;
  return 0;
}

bool rh_model_make_cycle(int first, int last) {
  (void)first, (void)last;
  return false;
}

int rh_model_part(uint32_t o) {
  (void)o;
  return RH_MODEL_TYPE_ERROR;
}

int rh_model_set_attribute(uint32_t o, const char *text, size_t n, uint32_t v) {
  (void)o, (void)text, (void)n, (void)v;
  return RH_MODEL_MEMORY_ERROR;
}

int rh_model_set_attribute_named(uint32_t o, uint32_t s, uint32_t v) {
  (void)o, (void)s, (void)v;
  return RH_MODEL_MEMORY_ERROR;
}

uint32_t rh_model_attribute(uint32_t o, const char *text, size_t n) {
  (void)o, (void)text, (void)n;
  return 0;
}

int rh_model_materialize(uint32_t o) {
  (void)o;
  return RH_MODEL_MEMORY_ERROR;
}

uint32_t rh_model_last_attribute(uint32_t o) {
  (void)o;
  return 0;
}
