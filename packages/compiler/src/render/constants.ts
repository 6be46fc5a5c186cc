// Which constants of a program are the same: contents stand in flash once, whoever reads them.
import { assert } from '../errors.ts';
import type { Region } from '../kernel/ir.ts';
import { bytesOf } from '../tensor/dtype.ts';

/** Kernels are compared again and again while the loops of a graph are chosen. */
const digests = new WeakMap<Region, string>();

/** For each region the first of the same type and contents. */
export function firstOfEach(regions: Iterable<Region>): ReadonlyMap<Region, Region> {
  const byDigest = new Map<string, Region[]>();
  const firsts = new Map<Region, Region>();
  for (const region of regions) {
    const digest = digests.get(region) ?? `${region.type} ${digestOf(contents(region))}`;
    digests.set(region, digest);
    const alike = byDigest.get(digest) ?? [];
    const first = alike.find((other) => other === region || isSame(contents(other), contents(region)));
    if (first === undefined) byDigest.set(digest, [...alike, region]);
    firsts.set(region, first ?? region);
  }
  return firsts;
}

/** The bytes of a constant. */
export function contents({ data, name }: Region): Uint8Array {
  assert(data !== undefined, `constant ${name} has no data`);
  return bytesOf(data);
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Length and FNV-1a, in 32 bits: what differs in it differs. */
function digestOf(bytes: Uint8Array): string {
  let digest = 0x811c9dc5;
  for (const byte of bytes) digest = Math.imul(digest ^ byte, 0x01000193);
  return `${bytes.length} ${digest >>> 0}`;
}
