// CRC-32 as in zlib: the fingerprint of layer results, here and in the firmware.
import { crc32 as zlibCrc32 } from 'node:zlib';

/** CRC-32 (zlib's polynomial and conventions) of some bytes, 0 to 2^32 − 1. */
export function crc32(bytes: Uint8Array): number {
  return zlibCrc32(bytes);
}
