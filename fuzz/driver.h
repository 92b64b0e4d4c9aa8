/* What the driver without a fuzzer is made of: driver_main.c and random_inputs.c. */
#ifndef RH_FUZZ_DRIVER_H
#define RH_FUZZ_DRIVER_H

#include <stddef.h>
#include <stdint.h>

/* Runs the target on a copy of the bytes, so exact that a sanitizer sees the first byte behind it. */
void driver_run(const uint8_t *bytes, size_t size);

/* realloc that aborts where memory runs out. */
void *driver_grown(void *array, size_t size);

/* The paths of all regular files of a folder whose names end with `suffix`, in the order of their names, so that nothing
 * depends on the disk. The caller frees each and the array. An unreadable folder ends the program: exit code 2. */
char **driver_list(const char *folder, const char *suffix, size_t *n);

/* N inputs from seed; half of them are lines of the *.trace files in the folders, if there are any. */
void driver_run_random(unsigned long long n, uint64_t seed, char **folders, int nfolders);

#endif
