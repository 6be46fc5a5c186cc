// Kinds of instructions as read from the text of C definitions.
import { describe, expect, it } from 'vitest';
import { instructionKinds, instructionsOf, sharesOfAssembly } from './instruction-mix.ts';

describe('the kinds of assembly', () => {
  it('are told by mnemonics; labels, comments, directives and constraints are none', () => {
    const text = [
      '  __asm__ volatile(',
      '    "ldr.w r2, [r0], #4\\n"',
      '    "1: @ a turn\\n"',
      '    "sxtb16 lr, r2, ror #8; smlad r8, r3, lr, r8\\n"',
      '    ".balign 4\\n"',
      '    "strb r2, [r1], #1 @ store\\n"',
      '    "bne 1b\\n"',
      '    : "+r"(r_x)',
      '    : "r12", "lr", "cc", "memory");',
    ].join('\n');
    expect(sharesOfAssembly(text)).toMatchObject({
      loads: 0.2,
      stores: 0.2,
      multiplies: 0.2,
      branches: 0.2,
      others: 0.2,
    });
  });

  it('are told of RISC-V and Helium too', () => {
    const text =
      '"lb {word}, 0({p})\\n" "mul t0, t1, t2\\n" "bnez t0, 1b\\n" "vldrb.u8 q0, [r0], #16\\n" "vmladavaq.s8 r0, q0, q1\\n" "letp lr, 1b\\n" "sw t0, 0(t1)\\n" "div t0, t1, t2\\n"';
    expect(sharesOfAssembly(text)).toMatchObject({
      loads: 0.25,
      multiplies: 0.25,
      branches: 0.25,
      stores: 0.125,
      divides: 0.125,
    });
  });

  it('add up to all, and are absent where there is no assembly', () => {
    const shares = sharesOfAssembly('"add r0, r0, #1\\n" "vadd.f32 s0, s1, s2\\n"');
    expect(shares && instructionsOf(shares)).toBe(1);
    expect(instructionKinds).toHaveLength(7);
    expect(sharesOfAssembly('static inline int32_t f(int32_t a) { return a; }')).toBeUndefined();
  });
});
