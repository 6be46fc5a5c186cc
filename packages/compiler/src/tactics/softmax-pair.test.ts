// Two classes by a table give what the definition gives, for every difference and scales of any size.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Case, int8 } from '../ops/cases/case.ts';
import { tacticsThatTake } from './testing/tactics-that-take.ts';

const caseOf = (scale: number, beta: number): Case => {
  const data = Int8Array.from({ length: 1022 }, (_, i) => {
    const difference = (i >> 1) - 255;
    return Math.min(127, i % 2 === 0 ? 127 + difference : 127 - difference);
  });
  const x = { type: int8([511, 2], scale, 0), data };
  return {
    name: 'pairs',
    node: { op: 'softmax', attrs: { beta } },
    inputs: [x],
    outputs: [int8([511, 2], 1 / 256, -128)],
  };
};

it('random scales', () => {
  const scale = fc.double({ min: -14, max: 4, noNaN: true }).map((bits) => 2 ** bits);
  fc.assert(
    fc.property(scale, fc.constantFrom(0.3, 1, 4), (own, beta) => {
      expect(tacticsThatTake(caseOf(own, beta), 'cortex-m4')).toContain('softmax-pair');
    }),
    { seed: 8, numRuns: 60 },
  );
});
