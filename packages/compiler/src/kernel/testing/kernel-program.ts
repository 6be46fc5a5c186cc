// Kernels side by side in one program, each on memory of its own: the whole arena is the program's input and its output,
// so that a renderer's result can be compared with the interpreter's byte by byte.
import type { Program, Step } from '../../render/program.ts';
import { bytesOf, type Data } from '../../tensor/dtype.ts';
import { interpret } from '../interpret.ts';
import { type Kernel, type KernelArgument, memoryBytes } from '../ir.ts';

export interface KernelRun {
  readonly kernel: Kernel;
  readonly arguments: readonly Data[];
}

export interface KernelProgram {
  readonly program: Program;
  /** The arena before the run, and after it as the interpreter has it. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** Where two arenas differ, if they do: NaNs count as equal. The first as `kernel argument[element]: want, got`. */
  difference(want: Uint8Array, got: Uint8Array): string | undefined;
}

interface Place {
  readonly kernel: string;
  readonly argument: KernelArgument;
  readonly offset: number;
}

/** The program of kernels whose names differ; `rewrite` is applied to what is rendered, not to what is interpreted. */
export function kernelProgram(
  runs: readonly KernelRun[],
  rewrite: (kernel: Kernel) => Kernel = (kernel) => kernel,
): KernelProgram {
  const places: Place[] = [];
  let arenaBytes = 0;
  const steps = runs.map(({ kernel }): Step => {
    const offsets = kernel.arguments.map((argument) => {
      const offset = arenaBytes;
      places.push({ kernel: kernel.name, argument, offset });
      arenaBytes = Math.ceil((offset + argument.length * memoryBytes[argument.type]) / 16) * 16;
      return offset;
    });
    return { note: kernel.note, kernel: rewrite(kernel), offsets, outputs: [] };
  });
  const before = new Uint8Array(arenaBytes);
  const after = new Uint8Array(arenaBytes);
  let next = 0;
  const put = (arena: Uint8Array, from: number, contents: readonly Data[]): void =>
    contents.forEach((data, i) => {
      arena.set(bytesOf(data), places[from + i]?.offset);
    });
  for (const { kernel, arguments: given } of runs) {
    const own = given.map((data) => data.slice());
    interpret(kernel, own);
    put(before, next, given);
    put(after, next, own);
    next += given.length;
  }
  const arena = { name: 'arena', type: { dtype: 'u8', shape: [arenaBytes] }, offset: 0, bytes: arenaBytes } as const;
  return {
    program: {
      prefix: 'kernels',
      title: 'kernels',
      steps,
      arenaBytes,
      alignment: 16,
      inputs: [arena],
      outputs: [arena],
      states: [],
      macs: 0,
    },
    before,
    after,
    difference: (want, got) => {
      for (const { kernel, argument, offset } of places) {
        const [a, b] = [want, got].map((bytes) => elements(bytes, offset, argument));
        const at = a?.findIndex((value, i) => !Object.is(value, b?.[i])) ?? -1;
        if (at >= 0) return `${kernel} ${argument.name}[${at}]: ${a?.[at]}, got ${b?.[at]}`;
      }
      return undefined;
    },
  };
}

function elements(bytes: Uint8Array, offset: number, { type, length }: KernelArgument): readonly (number | bigint)[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length * memoryBytes[type]);
  return Array.from({ length }, (_, i) => {
    switch (type) {
      case 'f32':
        return view.getFloat32(4 * i, true);
      case 'f64':
        return view.getFloat64(8 * i, true);
      case 'i64':
        return view.getBigInt64(8 * i, true);
      case 'i32':
        return view.getInt32(4 * i, true);
      case 'i16':
        return view.getInt16(2 * i, true);
      default:
        return view.getUint8(i);
    }
  });
}
