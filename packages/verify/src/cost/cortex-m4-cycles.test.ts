// The cycle model on sequences whose cost can be worked out by hand; bench-model.test.ts has whole networks.
import { describe, expect, it } from 'vitest';
import { cortexM4Cycles } from './cortex-m4-cycles.ts';

const start = 0x100;

/** Cycles of a straight sequence that ran once and ended the interval with a jump, less that jump's refill. */
function straight(...halfwords: readonly number[]): number {
  const read = (address: number): number => halfwords[(address - start) / 2] ?? 0xbf00;
  let instructions = 0;
  for (let i = 0; i < halfwords.length; instructions++) i += (halfwords[i] ?? 0) >= 0xe800 ? 2 : 1;
  const block = { start, instructions, runs: 1, next: new Map([[0x8000, 1]]) };
  return cortexM4Cycles({ start, blocks: [block] }, read) - 2;
}

describe('cortexM4Cycles', () => {
  it.each<[string, number, readonly number[]]>([
    ['nop; nop', 2, [0xbf00, 0xbf00]],
    ['smlad', 1, [0xfb21, 0x3002]],
    ['sdiv', 6, [0xfb91, 0xf0f2]],
    ['ldr r1, [r2]', 2, [0x6811]],
    ['ldr r1, [r2]; ldr r3, [r2, #4]; ldr r4, [r2, #8]', 4, [0x6811, 0x6853, 0x6894]],
    ['ldr r1, [r2]; ldr r3, [r1]', 4, [0x6811, 0x680b]],
    ['ldr r1, [r2]; nop; ldr r3, [r2]', 5, [0x6811, 0xbf00, 0x6813]],
    ['str r1, [r2, #4]', 1, [0x6051]],
    ['ldr r1, [r2]; str r1, [r2, #4]', 3, [0x6811, 0x6051]],
    ['str r1, [r2, r3]', 2, [0x50d1]],
    ['ldr r1, [r2]; str r1, [r2, r3]', 3, [0x6811, 0x50d1]],
    ['push {r4, r5, lr}; pop {r4, r5, pc}', 8, [0xb530, 0xbd30]],
    ['ldrd r3, r4, [r5, #8]!; ldr r1, [r2]', 5, [0xe9f5, 0x3402, 0x6811]],
    ['vldr s0, [r1]; vldr d0, [r1]; vldr s0, [r1]', 7, [0xed91, 0x0a00, 0xed91, 0x0b00, 0xed91, 0x0a00]],
    ['vmla; vdiv; vadd', 18, [0xee00, 0x0a81, 0xee80, 0x0a81, 0xee30, 0x0a81]],
    ['vldmia r0!, {d0-d3}', 9, [0xecb0, 0x0b08]],
    ['mrs r0, primask', 2, [0xf3ef, 0x8010]],
  ])('%s', (_, cycles, halfwords) => expect(straight(...halfwords)).toBe(cycles));

  it('fills the pipeline again after a taken branch, and only then', () => {
    // subs r0, #1; bne start: 250 rounds, then a return.
    const code = new Map([
      [start, 0x3801],
      [start + 2, 0xd1fd],
      [start + 4, 0x4770],
    ]);
    const read = (address: number): number => code.get(address) ?? 0;
    const loop = {
      start,
      instructions: 2,
      runs: 250,
      next: new Map([
        [start, 249],
        [start + 4, 1],
      ]),
    };
    const back = { start: start + 4, instructions: 1, runs: 1, next: new Map([[0x8000, 1]]) };
    expect(cortexM4Cycles({ start, blocks: [loop, back] }, read)).toBe(250 * 2 + 249 * 2 + 1 + 2);
  });

  it('overlaps loads of blocks that follow each other, and fills again for a jump to what follows anyway', () => {
    const blocks = [
      { start, instructions: 1, runs: 10, next: new Map([[start + 2, 10]]) },
      { start: start + 2, instructions: 1, runs: 10, next: new Map([[start + 4, 10]]) },
      { start: start + 4, instructions: 1, runs: 10, next: new Map([[start + 6, 10]]) },
    ];
    const reading = (...halfwords: readonly number[]) => {
      const read = (address: number): number => halfwords[(address - start) / 2] ?? 0xbf00;
      return cortexM4Cycles({ start, blocks }, read);
    };
    // ldr; ldr; nop
    expect(reading(0x6811, 0x6853, 0xbf00)).toBe(10 * (2 + 1 + 1));
    // nop; b next; nop
    expect(reading(0xbf00, 0xe7ff, 0xbf00)).toBe(10 * (1 + 1 + 2 + 1));
  });
});
