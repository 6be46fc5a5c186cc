/* The platform on the host: stdio files in the working directory. No instruction counter: all readings are 0. */
#include "anymote-harness.h"
#include <stdio.h>
#include <stdlib.h>

static FILE *files[2];

int platform_open(const char *name, int for_writing)
{
    int handle = for_writing ? 1 : 0;
    files[handle] = fopen(name, for_writing ? "wb" : "rb");
    return files[handle] == NULL ? -1 : handle;
}

int platform_read(int handle, void *to, uint32_t bytes)
{
    return fread(to, 1, bytes, files[handle]) == bytes ? 0 : -1;
}

int platform_write(int handle, const void *from, uint32_t bytes)
{
    return fwrite(from, 1, bytes, files[handle]) == bytes ? 0 : -1;
}

void platform_close(int handle)
{
    fclose(files[handle]);
}

void platform_print(const char *text)
{
    fputs(text, stderr);
}

void platform_exit(int code)
{
    exit(code);
}

void platform_counter_start(void)
{
}

/* Without a counter there is nothing to profile. */
void platform_mark_twice(void *state)
{
    (void)state;
}

int platform_stack_overflowed(void)
{
    return 0;
}

uint32_t platform_measure(void (*run)(void *state), void *state, struct platform_reading *reading)
{
    static const struct platform_reading none;
    *reading = none;
    run(state);
    return 0;
}

int main(void)
{
    return harness_main();
}
