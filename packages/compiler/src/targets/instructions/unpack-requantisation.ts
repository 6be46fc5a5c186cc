// Requantisation constants as a stream of bits, and the routine that lays them out in words as other routines read them: for flash
// that is dear, at a few instructions a channel.
import { add, and, cast, int, mul, or, shl, shr, sub, ushr } from '../../kernel/expressions.ts';
import type { Expr, Instr } from '../../kernel/ir.ts';
import { memory, routine, taker } from './packed-sums.ts';

/** Bytes before the first channel's bits: channels (2 bytes), bits of a bias, of a shift, the least shift, bits of a factor. */
const headerBytes = 6;

/** Bytes behind the last channel's bits, so that whole words can be read. */
const tailBytes = 5;

/**
 * A channel's bits, from the low ones up: its shift less the least one, its bias, then its factor without the leading one, and without
 * the zeros that all factors end in. The table's words are 32 * bias + shift, factor (form `compact` of arm-dsp-finish.ts).
 */
export const unpackRequantisation: Instr = routine(
  'Requantisation constants of all channels: 32 * bias + shift and factor, from fields of as few bits as they need.',
  'unpack_requantisation',
  [memory('packed', 'u8', 'read'), memory('table', 'i32', 'write')],
  (k, regions) => {
    const region = taker(regions);
    const [packed, table] = [region('packed'), region('table')];
    const header = (at: number, name: string): Expr => k.let(name, k.load(packed, at));
    const channels = k.let('channels', or(k.load(packed, 0), shl(k.load(packed, 1), 8)));
    const biasBits = header(2, 'bias_bits');
    const shiftBits = header(3, 'shift_bits');
    const leastShift = header(4, 'least_shift');
    const factorBits = header(5, 'factor_bits');
    const mask = k.let('mask', sub(shl(int(1), shiftBits), int(1)));
    const wordBits = k.let('word_bits', add(biasBits, shiftBits));
    const at = k.variable('at', int(8 * headerBytes));
    const field = (name: string): { readonly byte: Expr; readonly part: Expr } => ({
      byte: k.let(`${name}_byte`, cast('index', shr(at, 3))),
      part: k.let(`${name}_part`, and(at, int(7))),
    });
    k.for('channel', 0, cast('index', channels), (channel) => {
      const first = field('word');
      const word = k.let('word', ushr(k.load(packed, first.byte, 'i32'), first.part));
      const bias = k.let('bias', shr(shl(word, sub(int(32), wordBits)), sub(int(32), biasBits)));
      const shift = add(and(word, mask), leastShift);
      k.store(table, mul(channel, 2), add(shl(bias, 5), shift));
      k.set(at, add(at, wordBits));
      const second = field('factor');
      const low = ushr(k.load(packed, second.byte, 'i32'), second.part);
      // In two steps, as a shift by 32 is none.
      const high = shl(shl(k.load(packed, add(second.byte, 4)), sub(int(31), second.part)), 1);
      const fraction = ushr(shl(or(low, high), sub(int(32), factorBits)), 2);
      k.store(table, add(mul(channel, 2), 1), or(fraction, int(2 ** 30)));
      k.set(at, add(at, factorBits));
    });
  },
);

/** A table of the form `compact` as a stream of bits; undefined where a number is too large for its field. */
export function packRequantisation(table: Int32Array): Uint8Array | undefined {
  const entries = Array.from({ length: table.length / 2 }, (_, channel) => {
    const [word = 0, factor = 0] = table.subarray(2 * channel);
    return { bias: word >> 5, shift: word & 31, factor };
  });
  if (entries.length === 0 || entries.some(({ factor }) => factor < 2 ** 30)) return undefined;
  const leastShift = Math.min(...entries.map(({ shift }) => shift));
  const shiftBits = bitsOf(Math.max(...entries.map(({ shift }) => shift)) - leastShift);
  const biasBits = Math.max(...entries.map(({ bias }) => 1 + bitsOf(bias < 0 ? -1 - bias : bias)));
  const factorBits = Math.max(1, ...entries.map(({ factor }) => 30 - zerosAtTheEnd(factor)));
  // A word is read from any bit of its first byte on.
  if (biasBits + shiftBits > 25 || entries.length >= 2 ** 16) return undefined;
  const writer = new BitWriter();
  for (const byte of [entries.length & 255, entries.length >> 8, biasBits, shiftBits, leastShift, factorBits])
    writer.write(byte, 8);
  for (const { bias, shift, factor } of entries) {
    writer.write(shift - leastShift, shiftBits);
    writer.write(bias, biasBits);
    writer.write((factor - 2 ** 30) >> (30 - factorBits), factorBits);
  }
  return Uint8Array.from([...writer.bytes, ...new Array<number>(tailBytes).fill(0)]);
}

/** Bits of a number that is not negative. */
const bitsOf = (value: number): number => (value === 0 ? 0 : 32 - Math.clz32(value));

const zerosAtTheEnd = (value: number): number => 31 - Math.clz32(value & -value);

/** Bits one after the other, low ones first. */
class BitWriter {
  readonly bytes: number[] = [];
  #free = 0;

  write(value: number, bits: number): void {
    for (let bit = 0; bit < bits; bit += 1) {
      if (this.#free === 0) {
        this.bytes.push(0);
        this.#free = 8;
      }
      const last = this.bytes.length - 1;
      this.bytes[last] = (this.bytes[last] ?? 0) | (((value >> bit) & 1) << (8 - this.#free));
      this.#free -= 1;
    }
  }
}
