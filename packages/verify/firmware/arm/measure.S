/* platform_measure for Cortex-M: paints the free stack, reads the counter, calls, reads again, looks how deep the
 * stack went. The same instructions surround every call, so a call of a known length tells what they cost. */
    .syntax unified
    .thumb
    .text

    /* r0 = high word, r1 = low word, r2 = high word again */
    .macro read_counter
#if defined(COUNTER_HOST)
    bkpt    0xac
#else
    ldr     r3, =COUNTER_HIGH
    ldr     r0, [r3]
    ldr     r3, =COUNTER_LOW
    ldr     r1, [r3]
    ldr     r3, =COUNTER_HIGH
    ldr     r2, [r3]
#endif
    .endm

    .global platform_measure
    .type   platform_measure, %function
    .thumb_func
platform_measure:
    push    {r3-r7, lr}
    mov     r4, r0
    mov     r5, r1
    mov     r6, r2
    ldr     r0, =STACK_PAINT
    ldr     r1, =stack_limit
    mov     r2, sp
1:  stmia   r1!, {r0}
    cmp     r1, r2
    blo     1b

    read_counter
    stmia   r6!, {r0-r2}
    mov     r0, r5
    .global measured_call, measured_return
    .type   measured_call, %function
    .type   measured_return, %function
    .thumb_func
measured_call:
    blx     r4
    .thumb_func
measured_return:
    read_counter
    stmia   r6!, {r0-r2}

    ldr     r0, =STACK_PAINT
    ldr     r1, =stack_limit
    mov     r2, sp
2:  ldr     r3, [r1]
    cmp     r3, r0
    bne     3f
    adds    r1, #4
    cmp     r1, r2
    blo     2b
3:  subs    r0, r2, r1
    pop     {r3-r7, pc}
    .size   platform_measure, . - platform_measure

/* Where a program built for profiling stands after each layer: appends what the counter shows to the marks, and keeps
 * every register. */
    .global harness_mark
    .type   harness_mark, %function
    .thumb_func
harness_mark:
    push    {r0-r3, lr}
    read_counter
    ldr     r3, =harness_next_mark
    ldr     r3, [r3]
    stmia   r3!, {r0-r2}
    ldr     r0, =harness_next_mark
    str     r3, [r0]
    pop     {r0-r3, pc}
    .size   harness_mark, . - harness_mark

/* Two marks with nothing between them; one instruction before and one after tell what the ends cost. */
    .global platform_mark_twice
    .type   platform_mark_twice, %function
    .thumb_func
platform_mark_twice:
    push    {r3, lr}
    bl      harness_mark
    bl      harness_mark
    pop     {r3, pc}
    .size   platform_mark_twice, . - platform_mark_twice
