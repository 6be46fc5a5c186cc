/* The platform on emulated boards: files, text and exit through Arm or RISC-V semihosting, and the fault report. */
#include "anymote-harness.h"

enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE0 = 0x04, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_EXIT_EXTENDED = 0x20 };
enum { OPEN_READ_BINARY = 1, OPEN_WRITE_BINARY = 5, APPLICATION_EXIT = 0x20026 };

extern const uint32_t stack_limit[];
void platform_fault(uint32_t pc, uint32_t cause, uint32_t address) __attribute__((noreturn));

static int call(int operation, const void *argument)
{
#if defined(__riscv)
    register int a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = argument;
    /* Exactly these uncompressed instructions mark a semihosting call; they must not straddle a page. */
    __asm__ volatile(".balign 16\n .option push\n .option norvc\n"
                     "slli zero, zero, 0x1f\n ebreak\n srai zero, zero, 7\n .option pop\n"
                     : "+r"(a0) : "r"(a1) : "memory");
    return a0;
#else
    register int r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
#endif
}

int platform_open(const char *name, int for_writing)
{
    uint32_t block[3], length = 0;
    while (name[length] != 0)
        length++;
    block[0] = (uint32_t)name;
    block[1] = for_writing ? OPEN_WRITE_BINARY : OPEN_READ_BINARY;
    block[2] = length;
    return call(SYS_OPEN, block);
}

static int transfer(int operation, int handle, const void *data, uint32_t bytes)
{
    uint32_t block[3];
    block[0] = (uint32_t)handle;
    block[1] = (uint32_t)data;
    block[2] = bytes;
    return call(operation, block);
}

int platform_read(int handle, void *to, uint32_t bytes)
{
    return transfer(SYS_READ, handle, to, bytes);
}

int platform_write(int handle, const void *from, uint32_t bytes)
{
    return transfer(SYS_WRITE, handle, from, bytes);
}

void platform_close(int handle)
{
    call(SYS_CLOSE, &handle);
}

void platform_print(const char *text)
{
    call(SYS_WRITE0, text);
}

void platform_exit(int code)
{
    uint32_t block[2];
    block[0] = APPLICATION_EXIT;
    block[1] = (uint32_t)code;
    call(SYS_EXIT_EXTENDED, block);
    for (;;)
        ;
}

static char *hexadecimal(char *to, const char *label, uint32_t value)
{
    int shift;
    while (*label != 0)
        *to++ = *label++;
    for (shift = 28; shift >= 0; shift -= 4)
        *to++ = "0123456789abcdef"[(value >> shift) & 15u];
    return to;
}

void platform_fault(uint32_t pc, uint32_t cause, uint32_t address)
{
    char text[64], *end = hexadecimal(text, "fault pc=", pc);
    end = hexadecimal(end, " cause=", cause);
    end = hexadecimal(end, " address=", address);
    *end++ = '\n';
    *end = 0;
    platform_print(text);
    platform_exit(3);
}

/* The measuring call paints the stack down to its limit, so the last word tells. */
int platform_stack_overflowed(void)
{
    return stack_limit[0] != STACK_PAINT;
}

void platform_counter_start(void)
{
#if defined(COUNTER_DUALTIMER)
    /* CMSDK dual timer: TIMER1 counts every clock, TIMER2 every 256th; both free-running, 32 bits wide. */
    volatile uint32_t *timer = (volatile uint32_t *)COUNTER_DUALTIMER;
    timer[0] = 0xffffffffu;
    timer[8] = 0xffffffffu;
    timer[2] = 0x82;
    timer[10] = 0x8a;
#elif defined(COUNTER_SSE)
    /* SSE system counter: 64 bits, off at reset. */
    *(volatile uint32_t *)COUNTER_SSE = 1;
#endif
}
