/*
 * What the clear heap leaves to the runtime. It answers as if its memory were
 * full, which ends its run and says nothing about the trace.
 */
#include "model/heap.h"

uint32_t rh_model_new_complex(double real, double imaginary) {
  (void)real, (void)imaginary;
  return 0;
}

uint32_t rh_model_new_bytes_of(const char *bytes, size_t n) {
  (void)bytes;
  return n == 0 ? rh_model_new_bytes(0) : 0;
}

uint32_t rh_model_freeze_set(uint32_t handle) {
  (void)handle;
  return 0;
}

int rh_model_new_finalize(uint32_t handle, uint32_t label, uint32_t *out) {
  (void)label;
  *out = 0;
  return rh_m_weakly_referenceable(rh_m_at(handle)) ? RH_MODEL_MEMORY_ERROR : RH_MODEL_TYPE_ERROR;
}
