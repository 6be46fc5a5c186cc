import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Extent, Problem } from './placement.ts';
import { splitMemories } from './split-memories.ts';

const memories = [
  { name: 'fast', bytes: 64 },
  { name: 'slow', bytes: 4096 },
];
const problemOf = (blocks: readonly Extent[]): Problem => ({ blocks, relations: new Map() });
const extents = fc.array(
  fc
    .record({
      bytes: fc.integer({ min: 1, max: 40 }),
      from: fc.integer({ min: 0, max: 9 }),
      life: fc.integer({ min: 0, max: 4 }),
    })
    .map(({ bytes, from, life }): Extent => ({ bytes, from, to: from + life })),
  { minLength: 1, maxLength: 20 },
);

describe('splitMemories', () => {
  it('puts every block into one memory, apart from the others there, within its bytes', () => {
    fc.assert(
      fc.property(
        extents,
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 20, maxLength: 20 }),
        (blocks, heat) => {
          const [fast, slow] = splitMemories(problemOf(blocks), heat, memories);
          expect([...(fast?.offsets.keys() ?? []), ...(slow?.offsets.keys() ?? [])].sort((a, b) => a - b)).toEqual([
            ...blocks.keys(),
          ]);
          expect(fast?.bytes).toBeLessThanOrEqual(64);
          for (const { offsets, bytes } of [fast, slow].flatMap((one) => one ?? [])) {
            const placed = [...offsets].map(([n, offset]) => ({ ...(blocks[n] as Extent), offset }));
            for (const a of placed) {
              expect(a.offset + a.bytes).toBeLessThanOrEqual(bytes);
              for (const b of placed) {
                const together = a !== b && a.from <= b.to && b.from <= a.to;
                expect(together && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes).toBe(false);
              }
            }
          }
        },
      ),
      { seed: 9, numRuns: 400 },
    );
  });

  it('gives the first memory to what is used most', () => {
    const blocks = [40, 40, 40].map((bytes) => ({ bytes, from: 0, to: 1 }));
    const [fast] = splitMemories(problemOf(blocks), [1, 3, 2], memories);
    expect([...(fast?.offsets.keys() ?? [])]).toEqual([1]);
  });

  it('leaves the last what is left, even where it has no room', () => {
    const blocks = [100, 100].map((bytes) => ({ bytes, from: 0, to: 1 }));
    const [fast, small] = splitMemories(problemOf(blocks), [], [memories[0]!, { name: 'small', bytes: 150 }]);
    expect([fast?.bytes, small?.bytes]).toEqual([0, 200]);
  });
});
