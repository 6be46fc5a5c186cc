import fc from 'fast-check';
import { expect, it } from 'vitest';
import { multiplierOfFewestBits } from './fewest-bits.ts';
import { type Requantisation, reference } from './step-requantisation.ts';

it('gives the outputs of the factor for every accumulator, in fewer bits', () => {
  let bits = 0;
  let runs = 0;
  const wanted = fc.record({
    multiplier: fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 }),
    shift: fc.integer({ min: -9, max: -1 }),
    zeroPoint: fc.constantFrom(-128, -128, 0, 17, 127),
    low: fc.constantFrom(-128, -128, 0),
    width: fc.integer({ min: 1, max: 6000 }),
    middle: fc.integer({ min: -3000, max: 3000 }),
  });
  fc.assert(
    fc.property(wanted, ({ multiplier, shift, zeroPoint, low, width, middle }) => {
      const own: Requantisation = { factor: { multiplier, shift }, zeroPoint, low, high: 127 };
      const range = { least: middle - width, most: middle + width };
      const found = multiplierOfFewestBits(own, range);
      const other = { ...own, factor: { multiplier: found, shift } };
      let wrong = 0;
      for (let acc = range.least; acc <= range.most; acc += 1)
        if (reference(other, acc) !== reference(own, acc)) wrong += 1;
      expect(wrong).toBe(0);
      expect(found).toBeGreaterThanOrEqual(2 ** 30);
      bits += 31 - Math.log2(found & -found);
      runs += 1;
    }),
    { seed: 4, numRuns: 300 },
  );
  expect(bits / runs).toBeLessThan(20);
});

it('leaves factors alone that are none to be changed', () => {
  const own = { factor: { multiplier: 0, shift: -3 }, zeroPoint: 0, low: -128, high: 127 };
  expect(multiplierOfFewestBits(own, { least: -9, most: 9 })).toBe(0);
  const left = { ...own, factor: { multiplier: 1_234_567_891, shift: 2 } };
  expect(multiplierOfFewestBits(left, { least: -9, most: 9 })).toBe(1_234_567_891);
  const wide = { ...own, factor: { multiplier: 1_234_567_891, shift: -4 } };
  expect(multiplierOfFewestBits(wide, { least: -(2 ** 24), most: 9 })).toBe(1_234_567_891);
});
