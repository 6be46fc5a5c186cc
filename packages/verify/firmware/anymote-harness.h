/* What the parts of the test program promise each other: the model's glue (generated for each model), the harness
 * that runs it, and the platform below (semihosting on emulated boards, stdio on the host). */
#ifndef ANYMOTE_HARNESS_H
#define ANYMOTE_HARNESS_H
#include <stdint.h>

/* The model under test, described by its glue. */
struct harness_model {
    void *state;                       /* the model's struct */
    void *memory;                      /* its memory, which may be the struct itself; poisoned before init */
    uint32_t memory_bytes;
    void (*init)(void *state);         /* this and run are on boards the model's own, so that nothing else is counted */
    void *(*input)(unsigned index);
    void (*run)(void *state);
    const void *(*output)(unsigned index);
    uint32_t input_count, output_count;
    const uint32_t *input_bytes, *output_bytes;
    uint32_t *marks;                   /* memory for what the counter shows after each layer; none unless profiling */
};
extern const struct harness_model harness_model;

/* Hands over a layer's result; generated code calls it after each layer when compiled for tracing, once for each of
 * the layer's outputs in their order. */
void harness_on_layer(unsigned layer, const void *data, uint32_t bytes);

/* Stands after each layer of a program built for profiling, and appends three counter words to the marks. */
void harness_mark(void);
extern uint32_t *harness_next_mark;
void platform_mark_twice(void *state);

/* What platform_measure reads: the counter's high, low and again high word, before and after the call. */
struct platform_reading {
    uint32_t before[3], after[3];
};

int platform_open(const char *name, int for_writing);         /* a handle, or -1 */
int platform_read(int handle, void *to, uint32_t bytes);      /* 0 when all bytes came */
int platform_write(int handle, const void *from, uint32_t bytes);
void platform_close(int handle);
void platform_print(const char *text);
void platform_exit(int code) __attribute__((noreturn));
void platform_counter_start(void);
int platform_stack_overflowed(void);

/* Calls run(state) between two readings of the instruction counter; returns the stack bytes used below the call. */
uint32_t platform_measure(void (*run)(void *state), void *state, struct platform_reading *reading);

int harness_main(void);
#endif
