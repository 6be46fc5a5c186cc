// The `--ram` and `--flash` options, which several commands have: memory that must suffice.
import type { CompileOptions } from '@anymote/compiler';
import { parseByteSize } from './byte-size.ts';
import { Failure } from './failure.ts';

export interface MemoryFlags {
  readonly ram?: number;
  readonly flash?: number;
}

export const ramOption = [
  '--ram <size>',
  'memory that must suffice, such as 64K; layers are computed by rows where it does not otherwise',
  byteSize,
] as const;

export const flashOption = [
  '--flash <size>',
  'memory for constants that must suffice, such as 256K',
  byteSize,
] as const;

/** As the compiler takes it; what is not given is the target's, or `otherwise`. */
export function memoryOf({ ram, flash }: MemoryFlags, otherwise?: number): NonNullable<CompileOptions['memory']> {
  const [ramBytes, flashBytes] = [ram ?? otherwise, flash ?? otherwise];
  return { ...(ramBytes === undefined ? {} : { ramBytes }), ...(flashBytes === undefined ? {} : { flashBytes }) };
}

function byteSize(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes === undefined) throw new Failure(`'${text}' is no amount of memory: write 65536, 64K or 1M`, 2);
  return bytes;
}
