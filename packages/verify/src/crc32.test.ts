// The check value of the CRC catalogue.
import { expect, it } from 'vitest';
import { crc32 } from './crc32.ts';

it('is that of zlib', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
});
