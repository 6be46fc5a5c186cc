/* Start-up, fault entry and platform_measure for RV32 in machine mode; what the pieces do is told in ../arm. */
    .section .vectors, "ax"
    .global reset_handler
    .type   reset_handler, @function
reset_handler:
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    la      sp, stack_top
    la      t0, fault
    csrw    mtvec, t0
    la      t0, data_load
    la      t1, data_start
    la      t2, data_end
1:  bgeu    t1, t2, 2f
    lw      t3, 0(t0)
    sw      t3, 0(t1)
    addi    t0, t0, 4
    addi    t1, t1, 4
    j       1b
2:  la      t1, bss_start
    la      t2, bss_end
3:  bgeu    t1, t2, 4f
    sw      zero, 0(t1)
    addi    t1, t1, 4
    j       3b
4:  call    harness_main
    call    platform_exit

    .balign 4
fault:
    csrr    a0, mepc
    csrr    a1, mcause
    csrr    a2, mtval
    la      sp, stack_top
    call    platform_fault

    .text
    .macro read_counter
    csrr    t0, minstreth
    csrr    t1, minstret
    csrr    t2, minstreth
    .endm

    .global platform_measure
    .type   platform_measure, @function
platform_measure:
    addi    sp, sp, -16
    sw      ra, 12(sp)
    sw      s0, 8(sp)
    mv      s0, a2
    mv      t3, a0
    li      t0, STACK_PAINT
    la      t1, stack_limit
5:  sw      t0, 0(t1)
    addi    t1, t1, 4
    bltu    t1, sp, 5b

    read_counter
    sw      t0, 0(s0)
    sw      t1, 4(s0)
    sw      t2, 8(s0)
    mv      a0, a1
    .global measured_call, measured_return
    .type   measured_call, @function
    .type   measured_return, @function
measured_call:
    jalr    t3
measured_return:
    read_counter
    sw      t0, 12(s0)
    sw      t1, 16(s0)
    sw      t2, 20(s0)

    li      t0, STACK_PAINT
    la      t1, stack_limit
6:  lw      t2, 0(t1)
    bne     t2, t0, 7f
    addi    t1, t1, 4
    bltu    t1, sp, 6b
7:  sub     a0, sp, t1
    lw      s0, 8(sp)
    lw      ra, 12(sp)
    addi    sp, sp, 16
    ret
    .size   platform_measure, . - platform_measure

    .global harness_mark
    .type   harness_mark, @function
harness_mark:
    addi    sp, sp, -32
    sw      t0, 0(sp)
    sw      t1, 4(sp)
    sw      t2, 8(sp)
    sw      t3, 12(sp)
    sw      t4, 16(sp)
    read_counter
    la      t3, harness_next_mark
    lw      t4, 0(t3)
    sw      t0, 0(t4)
    sw      t1, 4(t4)
    sw      t2, 8(t4)
    addi    t4, t4, 12
    sw      t4, 0(t3)
    lw      t0, 0(sp)
    lw      t1, 4(sp)
    lw      t2, 8(sp)
    lw      t3, 12(sp)
    lw      t4, 16(sp)
    addi    sp, sp, 32
    ret
    .size   harness_mark, . - harness_mark

    .global platform_mark_twice
    .type   platform_mark_twice, @function
platform_mark_twice:
    addi    sp, sp, -16
    sw      ra, 12(sp)
    call    harness_mark
    call    harness_mark
    lw      ra, 12(sp)
    addi    sp, sp, 16
    ret
    .size   platform_mark_twice, . - platform_mark_twice
