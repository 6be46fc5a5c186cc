// Damage to a file: bits, bytes and words overwritten, offsets exchanged, ranges moved, doubled, cut out or cut off. Most of
// it where the structure of the file is, as the weights of a network may be anything.
import type { Draws } from './draws.ts';
import type { SeedModel } from './seed-models.ts';

export const byteKinds = [
  'flip',
  'byte',
  'word',
  'swapWords',
  'copyWord',
  'nudgeOffset',
  'splice',
  'clear',
  'remove',
  'insert',
  'truncate',
] as const;

export type ByteKind = (typeof byteKinds)[number];

const words = [
  0,
  1,
  2,
  3,
  4,
  8,
  16,
  127,
  128,
  255,
  256,
  65535,
  65536,
  2 ** 24,
  2 ** 30,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];

/** A damaged copy of `bytes`, which is the seed's file or already a damaged copy of it. */
export function mutateBytes(bytes: Uint8Array, seed: SeedModel, kind: ByteKind, draws: Draws): Uint8Array {
  if (bytes.length < 8) return bytes;
  const at = positionIn(bytes, seed, draws);
  const to = positionIn(bytes, seed, draws);
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const word = (position: number): number => Math.min(position & ~3, (copy.length - 4) & ~3);
  const length = 1 + draws.below(draws.chance(70) ? 16 : 256);
  switch (kind) {
    case 'flip':
      for (let n = draws.below(3); n >= 0; n -= 1) {
        const place = n === 0 ? at : positionIn(bytes, seed, draws);
        copy[place] = (copy[place] ?? 0) ^ (1 << draws.below(8));
      }
      return copy;
    case 'byte':
      copy[at] = draws.oneOf([0, 1, 2, 0x7f, 0x80, 0xff, draws.below(256)]) ?? 0;
      return copy;
    case 'word':
      view.setUint32(word(at), draws.oneOf(words) ?? 0, true);
      return copy;
    case 'swapWords': {
      const [a, b] = [view.getUint32(word(at), true), view.getUint32(word(to), true)];
      view.setUint32(word(at), b, true);
      view.setUint32(word(to), a, true);
      return copy;
    }
    case 'copyWord':
      view.setUint32(word(to), view.getUint32(word(at), true), true);
      return copy;
    case 'nudgeOffset':
      view.setInt32(
        word(at),
        view.getInt32(word(at), true) + (draws.below(17) - 8) * (draws.oneOf([1, 2, 4]) ?? 1),
        true,
      );
      return copy;
    case 'splice':
      return copy.copyWithin(to, at, at + length);
    case 'clear':
      return copy.fill(draws.oneOf([0, 0xff]) ?? 0, at, at + length);
    case 'remove':
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
    case 'insert':
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(to, to + length), ...bytes.subarray(at)]);
    case 'truncate':
      return bytes.slice(0, at);
  }
}

/** Three of four positions lie outside of the constants. */
function positionIn(bytes: Uint8Array, { structure }: SeedModel, draws: Draws): number {
  if (draws.chance(25)) return draws.below(bytes.length);
  let left = draws.below(structure.reduce((total, [start, end]) => total + end - start, 0));
  for (const [start, end] of structure) {
    if (left < end - start) return Math.min(start + left, bytes.length - 1);
    left -= end - start;
  }
  return draws.below(bytes.length);
}
