/* Times a model natively: reads the inputs of the first inference from request.bin and prints the median time of an
 * inference in nanoseconds, over batches that last long enough for the clock. */
#define _POSIX_C_SOURCE 199309L
#include "anymote-harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCHES = 21 };
static const double batch_nanoseconds = 1e7;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* How long so many inferences take. */
static double batch(unsigned long inferences)
{
    double start = now();
    while (inferences-- > 0)
        harness_model.run(harness_model.state);
    return now() - start;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(void)
{
    const struct harness_model *model = &harness_model;
    double times[BATCHES];
    unsigned long inferences = 1;
    uint32_t head[3], i;
    FILE *request = fopen("request.bin", "rb");
    if (request == NULL || fread(head, sizeof head, 1, request) != 1)
        return 1;
    model->init(model->state);
    for (i = 0; i < model->input_count; i++)
        if (model->input_bytes[i] != 0 && fread(model->input(i), model->input_bytes[i], 1, request) != 1)
            return 1;
    fclose(request);
    while (batch(inferences) < batch_nanoseconds && inferences < 1ul << 30)
        inferences *= 2;
    for (i = 0; i < BATCHES; i++)
        times[i] = batch(inferences) / (double)inferences;
    qsort(times, BATCHES, sizeof times[0], by_size);
    printf("%.1f\n", times[BATCHES / 2]);
    return 0;
}
