import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveSlice, type SliceSpecification } from './resolve-slice.ts';

const whole: SliceSpecification = { begin: [], end: [], strides: [], beginMask: 0, endMask: 0, shrinkAxisMask: 0 };
const along = (begin: number, end: number, stride = 1): SliceSpecification => ({
  ...whole,
  begin: [begin],
  end: [end],
  strides: [stride],
});

test.each([
  ['a part', along(1, 3), { begin: [1], strides: [1], sizes: [2], shape: [2] }],
  ['beyond both ends', along(-9, 9), { begin: [0], strides: [1], sizes: [5], shape: [5] }],
  ['from the end', along(-2, -1), { begin: [3], strides: [1], sizes: [1], shape: [1] }],
  ['steps round up', along(0, 5, 2), { begin: [0], strides: [2], sizes: [3], shape: [3] }],
  ['backwards to the first', { ...along(4, 0, -1), endMask: 1 }, { begin: [4], strides: [-1], sizes: [5], shape: [5] }],
  ['backwards past the end', along(9, 1, -2), { begin: [4], strides: [-2], sizes: [2], shape: [2] }],
  [
    'masked begin, backwards',
    { ...along(1, 1, -1), beginMask: 1 },
    { begin: [4], strides: [-1], sizes: [3], shape: [3] },
  ],
  [
    'one position, dropped',
    { ...along(-1, 0), shrinkAxisMask: 1 },
    { begin: [4], strides: [1], sizes: [1], shape: [] },
  ],
  ['a position outside', { ...along(5, 6), shrinkAxisMask: 1 }, { begin: [5], strides: [1], sizes: [0], shape: [] }],
  ['nothing', along(3, 3), { begin: [3], strides: [1], sizes: [0], shape: [0] }],
])('%s', (_, slice, want) => {
  expect(resolveSlice([5], slice)).toEqual(want);
});

test('axes that are not told are taken whole', () => {
  expect(resolveSlice([5, 7], along(1, 3))).toEqual({ begin: [1, 0], strides: [1, 1], sizes: [2, 7], shape: [2, 7] });
});

/** As Python slices: positions from the end are negative, open ends undefined. */
function sliced(
  extent: number,
  begin: number,
  end: number,
  stride: number,
  open: readonly [boolean, boolean],
): number[] {
  const positions = Array.from({ length: extent }, (_, i) => i);
  const clip = (given: number): number => {
    const at = given < 0 ? given + extent : given;
    return stride > 0 ? Math.min(Math.max(at, 0), extent) : Math.min(Math.max(at, -1), extent - 1);
  };
  const first = open[0] ? (stride > 0 ? 0 : extent - 1) : clip(begin);
  const last = open[1] ? (stride > 0 ? extent : -1) : clip(end);
  const inside = (at: number): boolean => (stride > 0 ? at >= first && at < last : at <= first && at > last);
  return (stride > 0 ? positions : positions.reverse()).filter((at) => inside(at) && (at - first) % stride === 0);
}

test('selects the positions that the definition selects', () => {
  const position = fc.integer({ min: -12, max: 12 });
  const stride = fc.integer({ min: -5, max: 5 }).filter((step) => step !== 0);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), position, position, stride, fc.boolean(), fc.boolean(), (...given) => {
      const [extent, begin, end, step, openBegin, openEnd] = given;
      const slice = { ...along(begin, end, step), beginMask: Number(openBegin), endMask: Number(openEnd) };
      const {
        begin: [first = 0],
        sizes: [size = 0],
      } = resolveSlice([extent], slice);
      const found = Array.from({ length: size }, (_, i) => first + i * step);
      expect(found).toEqual(sliced(extent, begin, end, step, [openBegin, openEnd]));
    }),
    { seed: 1, numRuns: 2000 },
  );
});
