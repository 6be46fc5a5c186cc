// Runs a pure function of the kernel IR on many arguments, by a kernel of one loop and the interpreter.
import type { Data } from '../../tensor/dtype.ts';
import { checkKernel } from '../check.ts';
import { call } from '../expressions.ts';
import { interpret } from '../interpret.ts';
import type { Fn, KernelArgument } from '../ir.ts';
import { buildKernel } from '../writer.ts';
import { allocateMemory } from './allocate-memory.ts';

/** fn(x) for every x of a function of one i32, f32 or f64 argument that gives the same type. */
export function applyFn<T extends Int32Array | Float32Array | Float64Array>(fn: Fn, x: T): T {
  const type = x instanceof Float32Array ? 'f32' : x instanceof Float64Array ? 'f64' : 'i32';
  const argument = { type, length: x.length, space: 'argument' } as const;
  const from: KernelArgument = { ...argument, name: 'x', access: 'read' };
  const to: KernelArgument = { ...argument, name: 'y', access: 'write' };
  const kernel = buildKernel('apply', fn.note, [from, to], (k) =>
    k.for('i', 0, x.length, (i) => k.store(to, i, call(fn, k.load(from, i)))),
  );
  checkKernel(kernel);
  const y: Data = allocateMemory(type, x.length);
  interpret(kernel, [x, y]);
  // The array just made for x's own element type.
  return y as T;
}
