// Routines that take sums three at a time, for cores whose widest multiplication is 32 bits and that have no narrower ones side by
// side. The inputs x0, x1, x2 of three outputs are packed into two words, x0 + 2^21 x1 and x2 + 2^11 x1; multiplied by a weight and
// summed, modulo 2^32, these hold the three sums: the first 21 bits are the first sum, the eleven above them the low bits of the
// second, and once those are taken off the other word, its 22 low bits are the third sum and the rest the second's high bits.
import { add, cast, index, int, le, min, mul, shl, shr, sub } from '../../kernel/expressions.ts';
import type { Expr, Instr, Region } from '../../kernel/ir.ts';
import type { Writer } from '../../kernel/writer.ts';
import {
  boundNames,
  entryWords,
  type Finish,
  finished,
  finishingOf,
  forTaps,
  memory,
  routine,
  scalars,
  taker,
} from './packed-sums.ts';

/** Bits of the first sum, and so the place of the second in the first word; and its place in the second. */
export const firstSumBits = 21;
const secondSumBits = 32 - firstSumBits;

/** Sums that can be told apart: from -largestSum to largestSum - 1. */
export const largestSum = 2 ** (firstSumBits - 1);

/** How sums become outputs, and how many there are at a time. */
export interface TripleVariant extends Finish {
  /** Three or six outputs at a time. */
  readonly triples: 1 | 2;
}

/** For a routine that takes all channels: whether its sums come in several chunks. */
export interface DotVariant extends TripleVariant {
  readonly chunked: boolean;
}

export const countInWords = ({ triples }: Pick<TripleVariant, 'triples'>): string => (triples === 2 ? 'six' : 'three');

/** Stores the two words of three inputs. */
function storePacked(k: Writer, to: Region, at: Expr, [x0, x1, x2]: readonly [Expr, Expr, Expr]): void {
  k.store(to, at, add(x0, shl(x1, firstSumBits)));
  k.store(to, add(at, 1), add(x2, shl(x1, secondSumBits)));
}

/**
 * Packs `count` taps that lie side by side, for three outputs, into to[0], to[1], to[step], to[step + 1] …; -128 times what was stored is
 * added to sums[0] and sums[1].
 */
export const packTaps: Instr = routine(
  'Packs the taps of three outputs, x0 + 2^21 x1 and x2 + 2^11 x1, and takes 128 times the sums of the words off sums.',
  'triple_pack',
  [
    memory('x0', 'i8', 'read'),
    memory('x1', 'i8', 'read'),
    memory('x2', 'i8', 'read'),
    memory('to', 'i32', 'write'),
    memory('sums', 'i32', 'update', 2),
    ...scalars('step', 'count'),
  ],
  (k, regions, values) => {
    const region = taker(regions);
    const value = taker(values);
    const [to, sums] = [region('to'), region('sums')];
    const totals = [0, 1].map((word) => k.variable(`sum${word}`, k.load(sums, word)));
    k.for('tap', 0, value('count'), (tap) => {
      const at = k.let('at', mul(tap, value('step')));
      const [x0, x1, x2] = ['x0', 'x1', 'x2'].map((name) => k.let(`value_${name}`, k.load(region(name), tap)));
      if (x0 !== undefined && x1 !== undefined && x2 !== undefined) storePacked(k, to, at, [x0, x1, x2]);
      totals.forEach((total, word) => {
        k.set(total, sub(total, shl(k.load(to, add(at, word)), 7)));
      });
    });
    totals.forEach((total, word) => {
      k.store(sums, word, total);
    });
  },
);

/**
 * Packs a line of `count` places of each of three outputs' inputs, `apart` elements from one to the next, from x[at0], x[at1] and x[at2] on;
 * where such a place is -1 the line is all `zero`. Words go to to[0], to[1], to[step], to[step + 1] …
 */
export const packLine: Instr = routine(
  'Packs lines of three inputs, x0 + 2^21 x1 and x2 + 2^11 x1; one whose place is -1 is all zero.',
  'triple_pack_line',
  [
    memory('x', 'i8', 'read'),
    memory('to', 'i32', 'write'),
    ...scalars('at0', 'at1', 'at2', 'apart', 'zero', 'step', 'count'),
  ],
  (k, regions, values) => {
    const [region, value] = [taker(regions), taker(values)];
    const starts = ['at0', 'at1', 'at2'].map(value);
    const pack = (elementOf: (start: Expr, offset: Expr) => Expr): void =>
      k.for('place', 0, value('count'), (place) => {
        const offset = k.let('offset', mul(place, value('apart')));
        const [x0, x1, x2] = starts.map((start) => elementOf(start, offset));
        const at = k.let('to_at', mul(place, value('step')));
        if (x0 !== undefined && x1 !== undefined && x2 !== undefined) storePacked(k, region('to'), at, [x0, x1, x2]);
      });
    const load = (start: Expr, offset: Expr): Expr => k.load(region('x'), add(start, offset));
    const [at0, at1, at2] = starts;
    const inside = le(index(0), min(min(at0 ?? index(0), at1 ?? index(0)), at2 ?? index(0)));
    k.if(
      inside,
      () => pack((start, offset) => k.let('element', load(start, offset))),
      () =>
        pack((start, offset) => {
          const element = k.variable('element', cast('i32', value('zero')));
          k.if(le(index(0), start), () => k.set(element, load(start, offset)));
          return element;
        }),
    );
  },
);

/** The three sums that two accumulators hold. */
function unpacked(k: Writer, first: Expr, second: Expr): readonly [Expr, Expr, Expr] {
  const low = (value: Expr, bits: number): Expr => shr(shl(value, 32 - bits), 32 - bits);
  const sum0 = k.let('sum0', low(first, firstSumBits));
  const lowBits = k.let('low_bits', shr(sub(first, sum0), firstSumBits));
  const rest = k.let('rest', sub(second, shl(lowBits, secondSumBits)));
  const sum2 = k.let('sum2', low(rest, 2 * secondSumBits));
  const sum1 = k.let('sum1', add(shl(shr(sub(rest, sum2), 2 * secondSumBits), secondSumBits), lowBits));
  return [sum0, sum1, sum2];
}

/** Operands for where the outputs after the first begin in y. */
export const placeNames = ({ triples }: TripleVariant): readonly string[] =>
  Array.from({ length: 3 * triples - 1 }, (_, n) => `place${n + 1}`);

const suffix = ({ triples, relu }: TripleVariant): string => `${3 * triples}${relu ? '_relu' : ''}`;

export const dotName = (variant: DotVariant): string =>
  `triple_dot${suffix(variant)}${variant.chunked ? '_chunked' : ''}`;
export const slideName = (variant: TripleVariant): string => `triple_slide${suffix(variant)}`;

/** Accumulates words times weights; `weightAt` is the weight of a tap. */
function accumulate(
  k: Writer,
  words: Region,
  { start, taps, width, starts }: { start: Expr; taps: Expr; width: number; starts: readonly Expr[] },
  weightAt: (tap: Expr) => Expr,
): readonly Expr[] {
  const accs = starts.map((value, n) => k.variable(`acc${n}`, value));
  forTaps(k, taps, (tap, count) => {
    const at = k.let('words_at', add(start, mul(tap, width)));
    for (let n = 0; n < count; n += 1) {
      const weight = k.let('weight', weightAt(add(tap, n)));
      accs.forEach((acc, word) => {
        k.set(acc, add(acc, mul(k.load(words, add(at, n * width + word)), weight)));
      });
    }
  });
  return accs;
}

/**
 * All channels of three or six outputs: y[place + channel] is the finished sum of inputs times weights.
 *
 * - words: `chunks` times: -128 times the sums of the words that follow, then those of `taps` taps, as `packTaps` leaves them; a sum
 *   over one chunk is within what can be told apart.
 * - weights: for each channel in turn those of all chunks, each 128 more than it counts.
 * - table: two words a channel, bias * 256 + shift + 7 and multiplier: `requantiseDown` of sum + bias.
 * - place1 …: where outputs begin after the first; one that is not wanted has the place and the taps of one that is.
 */
export const dotInstr = (variant: DotVariant): Instr =>
  routine(
    `Dot products of ${countInWords(variant)} outputs with all channels, requantised: three sums of 21 bits share two words.`,
    dotName(variant),
    [
      memory('words', 'i32', 'read'),
      memory('weights', 'u8', 'read'),
      memory('table', 'i32', 'read'),
      memory('y', 'i8', 'write'),
      ...scalars(
        'taps',
        'channels',
        ...(variant.chunked ? ['chunks'] : []),
        ...placeNames(variant),
        ...boundNames(variant),
      ),
    ],
    (k, regions, values) => {
      const [region, value] = [taker(regions), taker(values)];
      const width = 2 * variant.triples;
      const places = [index(0), ...placeNames(variant).map(value)];
      const chunks = variant.chunked ? value('chunks') : index(1);
      k.for('channel', 0, value('channels'), (channel) => {
        const totals = places.map((_, n) => k.variable(`total${n}`, int(0)));
        k.for('chunk', 0, chunks, (chunk) => {
          const start = k.let('start', mul(mul(chunk, add(value('taps'), 1)), width));
          const row = k.let('row', mul(add(mul(channel, chunks), chunk), value('taps')));
          const starts = Array.from({ length: width }, (_, n) => k.load(region('words'), add(start, n)));
          const accs = accumulate(
            k,
            region('words'),
            { start: add(start, width), taps: value('taps'), width, starts },
            (tap) => k.load(region('weights'), add(row, tap)),
          );
          sumsOf(k, accs).forEach((sum, n) => {
            const total = totals[n];
            if (total !== undefined) k.set(total, add(total, sum));
          });
        });
        const at = k.let('entry', mul(channel, entryWords));
        const finishing = finishingOf(k, region('table'), at, variant.relu, value);
        places.forEach((place, n) => {
          k.store(region('y'), add(place, channel), finished(k, finishing, totals[n] ?? int(0)));
        });
      });
    },
  );

/** The sums of pairs of accumulators. */
const sumsOf = (k: Writer, accs: readonly Expr[]): readonly Expr[] =>
  Array.from({ length: accs.length / 2 }, (_, n) =>
    unpacked(k, accs[2 * n] ?? int(0), accs[2 * n + 1] ?? int(0)),
  ).flat();

/**
 * One channel of three or six outputs, and of `count` more of each along a line: the window slides by `step` words, the outputs by `apart`.
 *
 * - words: as `packLine` leaves them, the taps of a window one after the other; weights: one a tap.
 * - entry: the channel's two words; y: as for `dotInstr`.
 */
export const slideInstr = (variant: TripleVariant): Instr =>
  routine(
    `Dot products of the weights of a channel with windows that slide along a strip, ${countInWords(variant)} at once, requantised.`,
    slideName(variant),
    [
      memory('words', 'i32', 'read'),
      memory('weights', 'i32', 'read'),
      memory('entry', 'i32', 'read', entryWords),
      memory('y', 'i8', 'write'),
      ...scalars('taps', 'count', 'step', 'apart', ...placeNames(variant), ...boundNames(variant)),
    ],
    (k, regions, values) => {
      const [region, value] = [taker(regions), taker(values)];
      const width = 2 * variant.triples;
      const places = [index(0), ...placeNames(variant).map(value)];
      const finishing = finishingOf(k, region('entry'), index(0), variant.relu, value);
      k.for('output', 0, value('count'), (output) => {
        const start = k.let('start', mul(output, value('step')));
        const starts = Array.from({ length: width }, () => int(0));
        const accs = accumulate(k, region('words'), { start, taps: value('taps'), width, starts }, (tap) =>
          k.load(region('weights'), tap),
        );
        const at = k.let('y_at', mul(output, value('apart')));
        sumsOf(k, accs).forEach((sum, n) => {
          k.store(region('y'), add(at, places[n] ?? index(0)), finished(k, finishing, sum));
        });
      });
    },
  );
