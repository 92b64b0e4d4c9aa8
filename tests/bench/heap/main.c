/* The entry of every benchmark that is a program of its own. */
#include "bench.h"

int main(int argc, char **argv) {
  return bench_main(argc, argv);
}
