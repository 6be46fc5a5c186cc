/* Runs add once on this machine: ./add [input0.bin input1.bin ...]; raw elements, zeros where no file is given. */
#include <stdio.h>
#include <string.h>

#include "add.h"

static add_t model;

int main(int argc, char **argv)
{
  add_init(&model);
  static const unsigned long bytes[] = { ADD_INPUT_0_BYTES, ADD_INPUT_1_BYTES, ADD_INPUT_2_BYTES, ADD_INPUT_3_BYTES };
  for (unsigned i = 0; i < ADD_INPUT_COUNT; i++) {
    void *x = add_input(&model, i);
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
  add_run(&model);
  {
    const int8_t *y = (const int8_t *)add_output(&model, 0);
    printf("output 0:");
    for (unsigned i = 0; i < ADD_OUTPUT_0_ELEMENTS; i++) printf(" %lld", (long long)y[i]);
    printf("\n");
  }
  {
    const float *y = (const float *)add_output(&model, 1);
    printf("output 1:");
    for (unsigned i = 0; i < ADD_OUTPUT_1_ELEMENTS; i++) printf(" %.9g", (double)y[i]);
    printf("\n");
  }
  return 0;
}
