/* Runs softmax once on this machine: ./softmax [input0.bin input1.bin ...]; raw elements, zeros where no file is given. */
#include <stdio.h>
#include <string.h>

#include "softmax.h"

static softmax_t model;

int main(int argc, char **argv)
{
  softmax_init(&model);
  static const unsigned long bytes[] = { SOFTMAX_INPUT_0_BYTES, SOFTMAX_INPUT_1_BYTES };
  for (unsigned i = 0; i < SOFTMAX_INPUT_COUNT; i++) {
    void *x = softmax_input(&model, i);
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
  softmax_run(&model);
  {
    const int8_t *y = (const int8_t *)softmax_output(&model, 0);
    printf("output 0:");
    for (unsigned i = 0; i < SOFTMAX_OUTPUT_0_ELEMENTS; i++) printf(" %lld", (long long)y[i]);
    printf("\n");
  }
  {
    const float *y = (const float *)softmax_output(&model, 1);
    printf("output 1:");
    for (unsigned i = 0; i < SOFTMAX_OUTPUT_1_ELEMENTS; i++) printf(" %.9g", (double)y[i]);
    printf("\n");
  }
  return 0;
}
