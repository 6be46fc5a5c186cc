// The `--ram` and `--flash` options, which several commands have: memory that must suffice.
import type { CompileOptions } from '@anymote/compiler';
import { parseByteSize } from './byte-size.ts';
import { Failure } from './failure.ts';

export interface MemoryFlags {
  readonly ram?: number | 'least';
  readonly flash?: number;
  readonly memory?: readonly Piece[];
}

type Piece = NonNullable<NonNullable<CompileOptions['memory']>['pieces']>[number];

export const ramOption = [
  '--ram <size>',
  'memory that must suffice, such as 64K, or least; layers are computed by rows where it does not otherwise',
  (text: string): number | 'least' => (text === 'least' ? text : byteSize(text)),
] as const;

export const flashOption = [
  '--flash <size>',
  'memory for constants that must suffice, such as 256K',
  byteSize,
] as const;

export const memoryOption = [
  '--memory <pieces>',
  'RAM in several pieces, the fastest first, such as dtcm=64K,sram=256K: what is used most lies in the first',
  pieces,
] as const;

/** As the compiler takes it; what is not given is the target's, or `otherwise`. */
export function memoryOf(
  { ram, flash, memory }: MemoryFlags,
  otherwise?: number,
): NonNullable<CompileOptions['memory']> {
  // Pieces say how much there is.
  const ramBytes = ram ?? (memory === undefined ? otherwise : undefined);
  const flashBytes = flash ?? otherwise;
  return {
    ...(ramBytes === undefined ? {} : { ramBytes }),
    ...(flashBytes === undefined ? {} : { flashBytes }),
    ...(memory === undefined ? {} : { pieces: memory }),
  };
}

function byteSize(text: string): number {
  const bytes = parseByteSize(text);
  if (bytes === undefined) throw new Failure(`'${text}' is no amount of memory: write 65536, 64K or 1M`, 2);
  return bytes;
}

function pieces(text: string): readonly Piece[] {
  return text.split(',').map((piece) => {
    const [name = '', size = '', ...more] = piece.split('=').map((part) => part.trim());
    if (name === '' || size === '' || more.length > 0)
      throw new Failure(`--memory ${text}: expected NAME=SIZE, separated by commas, such as dtcm=64K,sram=256K`, 2);
    return { name, bytes: byteSize(size) };
  });
}
