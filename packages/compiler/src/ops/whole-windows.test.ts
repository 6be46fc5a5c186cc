import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wholeOutputs } from './whole-windows.ts';
import { type Axis, forEachTap, windowOutputs } from './window.ts';

it('wholeOutputs are those of which forEachTap visits every tap', () => {
  const small = (least: number, most: number) => fc.integer({ min: least, max: most });
  fc.assert(
    fc.property(
      small(1, 20),
      small(1, 6),
      small(1, 4),
      small(1, 3),
      small(0, 7),
      small(0, 7),
      (size, kernel, stride, dilation, padBefore, padAfter) => {
        const outputs = Math.max(0, windowOutputs(size, padBefore + padAfter, kernel, stride, dilation));
        const axis: Axis = { size, kernel, stride, dilation, padBefore, outputs };
        const { first, end } = wholeOutputs(axis);
        for (let output = 0; output < outputs; output += 1) {
          let taps = 0;
          forEachTap(axis, output, () => {
            taps += 1;
          });
          expect(taps === kernel).toBe(first <= output && output < end);
        }
      },
    ),
    { seed: 5, numRuns: 300 },
  );
});
