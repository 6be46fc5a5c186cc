/* Runs gestures once on this machine: ./gestures [input0.bin input1.bin ...]; raw elements, zeros where no file is given. */
#include <stdio.h>
#include <string.h>

#include "gestures.h"

static gestures_t model;

int main(int argc, char **argv)
{
  gestures_init(&model);
  static const unsigned long bytes[] = { GESTURES_INPUT_0_BYTES };
  for (unsigned i = 0; i < GESTURES_INPUT_COUNT; i++) {
    void *x = gestures_input(&model, i);
    memset(x, 0, bytes[i]);
    if ((int)i + 1 < argc) {
      FILE *file = fopen(argv[i + 1], "rb");
      if (file == NULL || fread(x, 1, bytes[i], file) != bytes[i]) {
        fprintf(stderr, "%s: cannot read %lu bytes\n", argv[i + 1], bytes[i]);
        return 1;
      }
      fclose(file);
    }
  }
  gestures_run(&model);
  {
    const int8_t *y = (const int8_t *)gestures_output(&model, 0);
    printf("output 0:");
    for (unsigned i = 0; i < GESTURES_OUTPUT_0_ELEMENTS; i++) printf(" %lld", (long long)y[i]);
    printf("\n");
  }
  return 0;
}
