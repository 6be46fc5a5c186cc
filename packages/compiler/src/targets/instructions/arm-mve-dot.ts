// The dot product routines of Armv8.1-M: four channels of three outputs, or of one, to the finished int8 results. One vmladava
// takes 16 products of int8; sums stay in core registers until four channels are together, then they are finished as a vector.
// The last vector of a row is cut by tail predication, so that rows of inputs have any length.
import { add, and, index, int, min, mul, shl, shr, sub } from '../../kernel/expressions.ts';
import type { Instr } from '../../kernel/ir.ts';
import type { FamilySpelling, Spelling } from '../../kernel/spelling.ts';
import { defineInstr } from '../../kernel/writer.ts';
import { dotRoutine, type MveDotVariant } from './arm-mve-dot-routine.ts';
import {
  finishFrom,
  finishLane,
  finishNumbers,
  finishScalars,
  finishSuffix,
  groupWords,
  lanes,
  memory,
  scalar,
} from './arm-mve-requantise.ts';
import { armRoutine, instructionsIn } from './assembly.ts';

/** The name of the family in a target's spellings. */
export const mveDotFamily = 'mve_dot';

const nameOf = (variant: MveDotVariant): string =>
  `${mveDotFamily}${variant.outputs}${variant.ragged ? '_ragged' : ''}${finishSuffix(variant)}`;

/** Products that one instruction takes. */
const width = 16;

const rowOf = (taps: number): number => Math.ceil(taps / width) * width;

/**
 * The weights in the order they are read. Rows are filled up to whole vectors with zeros, channels to whole groups of four; of a
 * group, channels 0 and 2 come first, a vector of each in turn, then 1 and 3.
 */
export function packMveWeights(
  channels: number,
  taps: number,
  weightAt: (channel: number, tap: number) => number,
): Int8Array {
  const row = rowOf(taps);
  const packed = new Int8Array(Math.ceil(channels / lanes) * lanes * row);
  for (let channel = 0; channel < channels; channel += 1) {
    const half = Math.floor(channel / lanes) * lanes + 2 * (channel & 1);
    for (let tap = 0; tap < taps; tap += 1) {
      const vector = 2 * Math.floor(tap / width) + ((channel >> 1) & 1);
      packed[half * row + vector * width + (tap % width)] = weightAt(channel, tap);
    }
  }
  return packed;
}

const scalarNames = (variant: MveDotVariant): readonly string[] => [
  'taps',
  'channels',
  ...(variant.outputs === 3 ? ['pixels', 'pitch'] : []),
  ...finishScalars(variant),
];

/**
 * y[pixel * channels + channel] = the finished sum over all taps of x[pixel * pitch + tap] * weights[channel], for all channels
 * and all pixels: three or more, or the one. Weights as packed above, the table by groups of four channels.
 */
export const mveDotInstr = (variant: MveDotVariant): Instr => ({
  ...defineInstr(
    nameOf(variant),
    [
      memory('x', 'i8', 'read'),
      memory('weights', 'i8', 'read'),
      memory('table', 'i32', 'read'),
      memory('y', 'i8', 'write'),
      ...scalarNames(variant).map(scalar),
    ],
    (k, { x, weights, table, y }, scalars) => {
      const { taps, channels, pixels = index(1), pitch = index(0) } = scalars;
      if (!x || !weights || !table || !y || !taps || !channels) return;
      const row = k.let('row', shl(shr(add(taps, width - 1), 4), 4));
      // In the routine's order, which tells where y may lie over x: three pixels, all their channels, and on; the last three again.
      const together = variant.outputs;
      k.for(
        'group',
        0,
        pixels,
        (first) => {
          const start = together === 1 ? first : k.let('start', min(first, sub(pixels, together)));
          k.for('channel', 0, channels, (channel) => {
            const group = k.let('quad', shr(channel, 2));
            const lane = k.let('lane', and(channel, index(3)));
            const half = add(mul(group, lanes), mul(and(lane, index(1)), 2));
            const own = k.let('own', add(mul(half, row), mul(shr(lane, 1), width)));
            k.for('pixel', start, add(start, together), (pixel) => {
              const from = k.let('from', mul(pixel, pitch));
              const total = k.variable('sum', int(0));
              k.for('tap', 0, taps, (tap) => {
                const at = add(add(own, mul(shr(tap, 4), 2 * width)), and(tap, index(width - 1)));
                k.set(total, add(total, mul(k.load(x, add(from, tap)), k.load(weights, at))));
              });
              const finishing = { table, group: mul(group, groupWords(variant)), lane, scalars };
              k.store(y, add(mul(pixel, channels), channel), finishLane(k, variant, total, finishing));
            });
          });
        },
        together,
      );
    },
  ),
  family: {
    name: mveDotFamily,
    numbers: { ...finishNumbers(variant), outputs: variant.outputs, ragged: Number(variant.ragged) },
  },
});

/** The routine in C, and what it takes. */
function spellingFor(name: string, variant: MveDotVariant): Spelling {
  const { outputs } = variant;
  const { lines, turn, perGroup, perPixels } = dotRoutine(variant);
  const definition = armRoutine({
    name,
    note: [
      `Dot products of ${outputs === 3 ? 'three outputs at a time' : 'one output'} with four channels at a time, requantised:`,
      '16 products an instruction, the last ones of a row cut off by tail predication.',
    ],
    parameters: [
      { type: 'const int8_t *', name: 'x' },
      { type: 'const int8_t *', name: 'weights' },
      { type: 'const int32_t *', name: 'table' },
      { type: 'int8_t *', name: 'y' },
      ...scalarNames(variant).map((name) => ({ type: 'int32_t', name })),
    ],
    lines,
    vectors: true,
  });
  const codeBytes = 4 * instructionsIn(lines) + 48;
  return {
    definition,
    cost: (taps = 64, channels = 32, third = 0) => {
      const perOutputs = Math.ceil(channels / lanes) * (perGroup + Math.ceil(taps / width) * turn);
      const groups = outputs === 3 ? Math.ceil((third === 0 ? 32 : third) / 3) : 1;
      return { instructions: 60 + groups * (perOutputs + perPixels), codeBytes };
    },
  };
}

export const mveDotSpellings: Readonly<Record<string, FamilySpelling>> = {
  [mveDotFamily]: {
    family: (name, numbers) =>
      spellingFor(name, {
        ...finishFrom(numbers),
        outputs: numbers.outputs === 1 ? 1 : 3,
        ragged: numbers.ragged === 1,
      }),
  },
};
