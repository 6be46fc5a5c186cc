// Decoding for timing, on encodings that the GNU assembler made.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBlock, decodeThumb, type ThumbInstruction, type ThumbKind } from './thumb.ts';

type Case = readonly [
  assembly: string,
  encoding: number,
  kind: ThumbKind,
  details?: Partial<Omit<ThumbInstruction, 'bytes' | 'kind'>>,
];

const plain = { words: 0, addressRegisters: 0, indexed: false, jumps: false, conditional: 0 };

const cases: readonly Case[] = [
  ['adds r0, r1, r2', 0x1888, 'arithmetic'],
  ['ands r3, r4', 0x4023, 'arithmetic'],
  ['muls r1, r2', 0x4351, 'multiply'],
  ['bx lr', 0x4770, 'branch'],
  ['blx r3', 0x4798, 'branch'],
  ['mov pc, r2', 0x4697, 'branch'],
  ['add pc, r2', 0x4497, 'branch'],
  ['mov r8, r2', 0x4690, 'arithmetic'],
  ['ldr r2, [pc, #8]', 0x4a02, 'load', { words: 1, loaded: 2 }],
  ['str r1, [r2, r3]', 0x50d1, 'store', { words: 1, addressRegisters: (1 << 2) | (1 << 3), indexed: true }],
  ['strb r1, [r2, r3]', 0x54d1, 'store', { words: 1, addressRegisters: (1 << 2) | (1 << 3), indexed: true }],
  ['ldrsb r1, [r2, r3]', 0x56d1, 'load', { words: 1, addressRegisters: (1 << 2) | (1 << 3), indexed: true, loaded: 1 }],
  ['ldr r4, [r5, r6]', 0x59ac, 'load', { words: 1, addressRegisters: (1 << 5) | (1 << 6), indexed: true, loaded: 4 }],
  ['ldrsh r4, [r5, r6]', 0x5fac, 'load', { words: 1, addressRegisters: (1 << 5) | (1 << 6), indexed: true, loaded: 4 }],
  ['str r1, [r2, #4]', 0x6051, 'store', { words: 1, addressRegisters: 1 << 2 }],
  ['ldr r1, [r2, #4]', 0x6851, 'load', { words: 1, addressRegisters: 1 << 2, loaded: 1 }],
  ['ldrb r7, [r6, #3]', 0x78f7, 'load', { words: 1, addressRegisters: 1 << 6, loaded: 7 }],
  ['strh r1, [r2, #2]', 0x8051, 'store', { words: 1, addressRegisters: 1 << 2 }],
  ['ldrh r1, [r2, #2]', 0x8851, 'load', { words: 1, addressRegisters: 1 << 2, loaded: 1 }],
  ['str r3, [sp, #8]', 0x9302, 'store', { words: 1, addressRegisters: 1 << 13 }],
  ['ldr r3, [sp, #8]', 0x9b02, 'load', { words: 1, addressRegisters: 1 << 13, loaded: 3 }],
  ['add r0, sp, #16', 0xa804, 'arithmetic'],
  ['push {r4, r5, lr}', 0xb530, 'store-many', { words: 3 }],
  ['pop {r4, r5, pc}', 0xbd30, 'load-many', { words: 3 }],
  ['nop', 0xbf00, 'arithmetic'],
  ['it eq', 0xbf08, 'arithmetic', { conditional: 1 }],
  ['moveq r0, r1', 0x4608, 'arithmetic'],
  ['itet ne', 0xbf16, 'arithmetic', { conditional: 3 }],
  ['movne r0, r1', 0x4608, 'arithmetic'],
  ['moveq r0, r2', 0x4610, 'arithmetic'],
  ['movne r0, r3', 0x4618, 'arithmetic'],
  ['stmia r0!, {r1, r2, r3}', 0xc00e, 'store-many', { words: 3 }],
  ['ldmia r0!, {r1, r2}', 0xc806, 'load-many', { words: 2 }],
  ['beq.n label', 0xd0f5, 'branch'],
  ['b.n label', 0xe7f4, 'branch', { jumps: true }],
  ['udf #1', 0xde01, 'system'],
  ['svc 1', 0xdf01, 'system'],
  ['cpsid i', 0xb672, 'system'],
  ['bkpt 0x0001', 0xbe01, 'system'],
  ['ldmia.w r0, {r1, r2, r3, r4, r5, r6, r7, r8}', 0xe89001fe, 'load-many', { words: 8 }],
  ['stmdb sp!, {r4, r5, r6, r7, r8, r9, sl, fp, lr}', 0xe92d4ff0, 'store-many', { words: 9 }],
  ['ldmia.w sp!, {r4, r5, r6, r7, r8, r9, sl, fp, pc}', 0xe8bd8ff0, 'load-many', { words: 9 }],
  ['strd r0, r1, [r2, #8]', 0xe9c20102, 'store-many', { words: 2 }],
  ['ldrd r0, r1, [r2], #8', 0xe8f20102, 'load-many', { words: 2 }],
  ['ldrd r3, r4, [r5, #8]!', 0xe9f53402, 'load-many', { words: 2 }],
  ['tbb [pc, r0]', 0xe8dff000, 'table-branch', { words: 1 }],
  ['ldrex r0, [r1]', 0xe8510f00, 'load', { words: 1, addressRegisters: 1 << 1, loaded: 0 }],
  ['strex r2, r0, [r1]', 0xe8410200, 'store', { words: 1, addressRegisters: 1 << 1 }],
  ['add.w r0, r1, r2, lsl #3', 0xeb0100c2, 'arithmetic'],
  ['pkhbt r0, r1, r2, lsl #16', 0xeac14002, 'arithmetic'],
  ['add.w r0, r1, #1000', 0xf501707a, 'arithmetic'],
  ['movw r0, #1234', 0xf24040d2, 'arithmetic'],
  ['ubfx r0, r1, #3, #4', 0xf3c100c3, 'arithmetic'],
  ['ssat r0, #8, r1, asr #4', 0xf3211007, 'arithmetic'],
  ['usat r0, #8, r1', 0xf3810008, 'arithmetic'],
  ['bl label', 0xf7ffffcf, 'branch', { jumps: true }],
  ['b.w label', 0xf7ffbfcd, 'branch', { jumps: true }],
  ['beq.w label', 0xf43fafcb, 'branch'],
  ['mrs r0, PRIMASK', 0xf3ef8010, 'system'],
  ['msr PRIMASK, r0', 0xf3808810, 'system'],
  ['dsb sy', 0xf3bf8f4f, 'system'],
  ['isb sy', 0xf3bf8f6f, 'system'],
  ['nop.w', 0xf3af8000, 'arithmetic'],
  ['str.w r0, [r1, #400]', 0xf8c10190, 'store', { words: 1, addressRegisters: 1 << 1 }],
  [
    'str.w r0, [r1, r2, lsl #2]',
    0xf8410022,
    'store',
    { words: 1, addressRegisters: (1 << 1) | (1 << 2), indexed: true },
  ],
  [
    'ldr.w r0, [r1, r2, lsl #2]',
    0xf8510022,
    'load',
    { words: 1, addressRegisters: (1 << 1) | (1 << 2), indexed: true, loaded: 0 },
  ],
  [
    'ldrsb.w r0, [r1, r2]',
    0xf9110002,
    'load',
    { words: 1, addressRegisters: (1 << 1) | (1 << 2), indexed: true, loaded: 0 },
  ],
  ['ldrb.w r0, [r1, #1]!', 0xf8110f01, 'load', { words: 1, addressRegisters: 1 << 1, loaded: 0 }],
  ['ldr.w r9, [pc, #16]', 0xf8df9010, 'load', { words: 1, loaded: 9 }],
  ['ldrh.w r0, [r1], #2', 0xf8310b02, 'load', { words: 1, addressRegisters: 1 << 1, loaded: 0 }],
  ['pld [r1, #4]', 0xf891f004, 'arithmetic'],
  ['sxtb16 r0, r1', 0xfa2ff081, 'arithmetic'],
  ['sxtb16 r0, r1, ror #8', 0xfa2ff091, 'arithmetic'],
  ['uadd8 r0, r1, r2', 0xfa81f042, 'arithmetic'],
  ['lsl.w r0, r1, r2', 0xfa01f002, 'arithmetic'],
  ['smlad r0, r1, r2, r3', 0xfb213002, 'multiply'],
  ['smlabb r0, r1, r2, r3', 0xfb113002, 'multiply'],
  ['mla r0, r1, r2, r3', 0xfb013002, 'multiply'],
  ['smmul r0, r1, r2', 0xfb51f002, 'multiply'],
  ['smull r0, r1, r2, r3', 0xfb820103, 'multiply'],
  ['smlal r0, r1, r2, r3', 0xfbc20103, 'multiply'],
  ['smlald r0, r1, r2, r3', 0xfbc201c3, 'multiply'],
  ['umaal r0, r1, r2, r3', 0xfbe20163, 'multiply'],
  ['sdiv r0, r1, r2', 0xfb91f0f2, 'divide'],
  ['udiv r0, r1, r2', 0xfbb1f0f2, 'divide'],
  ['vldr s0, [r1, #4]', 0xed910a01, 'load', { words: 1, addressRegisters: 1 << 1 }],
  ['vldr d0, [r1, #8]', 0xed910b02, 'load', { words: 2, addressRegisters: 1 << 1 }],
  ['vstr s0, [r1, #4]', 0xed810a01, 'store', { words: 1, addressRegisters: 1 << 1 }],
  ['vpush {s16-s19}', 0xed2d8a04, 'store-many', { words: 4 }],
  ['vldmia r0!, {d0-d3}', 0xecb00b08, 'load-many', { words: 8 }],
  ['vmov r0, r1, d0', 0xec510b10, 'float-transfer'],
  ['vmov r0, s1', 0xee100a90, 'float-arithmetic'],
  ['vmov s1, r0', 0xee000a90, 'float-arithmetic'],
  ['vmrs APSR_nzcv, fpscr', 0xeef1fa10, 'float-arithmetic'],
  ['vadd.f32 s0, s1, s2', 0xee300a81, 'float-arithmetic'],
  ['vmul.f32 s0, s1, s2', 0xee200a81, 'float-arithmetic'],
  ['vmla.f32 s0, s1, s2', 0xee000a81, 'float-multiply-accumulate'],
  ['vfma.f32 s0, s1, s2', 0xeea00a81, 'float-multiply-accumulate'],
  ['vfms.f32 s0, s1, s2', 0xeea00ac1, 'float-multiply-accumulate'],
  ['vfnma.f32 s0, s1, s2', 0xee900ac1, 'float-multiply-accumulate'],
  ['vnmls.f32 s0, s1, s2', 0xee100a81, 'float-multiply-accumulate'],
  ['vdiv.f32 s0, s1, s2', 0xee800a81, 'float-divide'],
  ['vsqrt.f32 s0, s1', 0xeeb10ae0, 'float-divide'],
  ['vcmp.f32 s0, s1', 0xeeb40a60, 'float-arithmetic'],
  ['vcvt.s32.f32 s0, s1', 0xeebd0ae0, 'float-arithmetic'],
  ['vmov.f32 s0, s1', 0xeeb00a60, 'float-arithmetic'],
  ['cbz r1, label', 0xb101, 'branch'],
  ['vmladava.s8 r0, q1, q2', 0xeef20e05, 'vector'],
];

describe('decodeThumb', () => {
  const named = cases.map(([assembly, encoding, kind, details = {}]) => ({ assembly, encoding, kind, details }));
  it.each(named)('$assembly', ({ encoding, kind, details }) => {
    const isWide = encoding > 0xffff;
    const [first, second] = isWide ? [encoding >>> 16, encoding & 0xffff] : [encoding, 0xffff];
    expect(decodeThumb(first, second)).toEqual({ bytes: isWide ? 4 : 2, kind, ...plain, ...details });
  });

  it('takes any halfwords', () => {
    const halfword = fc.nat(0xffff);
    fc.assert(
      fc.property(halfword, halfword, (first, second) => {
        const { bytes, words } = decodeThumb(first, second);
        return bytes === (first >= 0xe800 ? 4 : 2) && words >= 0 && words <= 255;
      }),
      { seed: 11, numRuns: 2000 },
    );
  });
});

describe('decodeBlock', () => {
  const code = (...halfwords: readonly number[]) => {
    const read = (address: number): number => halfwords[(address - 0x100) / 2] ?? 0;
    return (instructions: number) => decodeBlock(0x100, instructions, read);
  };

  it('goes from instruction to instruction', () => {
    const { code: decoded, end, jumps } = code(0x1888, 0xfb21, 0x3002, 0x4770)(3);
    expect([decoded.map(({ kind }) => kind), end, jumps]).toEqual([['arithmetic', 'multiply', 'branch'], 0x108, false]);
  });

  it('knows whether it ends with a jump, and that a condition may be on it', () => {
    expect(code(0x1888, 0xe7f4)(2).jumps).toBe(true);
    // it eq; b
    expect(code(0xbf08, 0xe7f4)(2).jumps).toBe(false);
    // it eq; moveq; b
    expect(code(0xbf08, 0x4608, 0xe7f4)(3).jumps).toBe(true);
  });
});
