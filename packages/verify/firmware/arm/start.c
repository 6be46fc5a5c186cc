/* Vector table and start-up for Cortex-M, ARMv6-M upwards: floating point and low-overhead loops on, memory set up. */
#include "../anymote-harness.h"

extern const uint32_t data_load[], stack_top[];
extern uint32_t data_start[], data_end[], bss_start[], bss_end[];
void platform_fault(uint32_t pc, uint32_t cause, uint32_t address) __attribute__((noreturn));
void reset_handler(void) __attribute__((noreturn));
void fault_report(const uint32_t *frame) __attribute__((noreturn, used));

/* The stacked program counter is word 6 of the exception frame, with or without floating-point registers. */
void fault_report(const uint32_t *frame)
{
#if __ARM_ARCH_ISA_THUMB >= 2
    platform_fault(frame[6], *(volatile uint32_t *)0xe000ed28, *(volatile uint32_t *)0xe000ed38); /* CFSR, BFAR */
#else
    platform_fault(frame[6], 0, 0);
#endif
}

__attribute__((naked)) static void fault(void)
{
    __asm__ volatile("mov r0, sp\n ldr r1, =fault_report\n bx r1\n .ltorg");
}

/* Only faults can happen: no interrupt is ever enabled. */
__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    stack_top, reset_handler, fault, fault, fault, fault, fault, fault, 0, 0, 0, fault, fault, 0, fault, fault,
};

void reset_handler(void)
{
    const uint32_t *from = data_load;
    uint32_t *to;
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20; /* CPACR: full access to CP10 and CP11 */
#endif
#if defined(__ARM_FEATURE_MVE)
    *(volatile uint32_t *)0xe000ed14 |= 1u << 19; /* CCR.LOB */
#endif
#if __ARM_ARCH_ISA_THUMB >= 2
    __asm__ volatile("dsb\n isb" ::: "memory");
#endif
    for (to = data_start; to < data_end;)
        *to++ = *from++;
    for (to = bss_start; to < bss_end;)
        *to++ = 0;
    platform_exit(harness_main());
}
