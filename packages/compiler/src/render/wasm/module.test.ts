import { describe, expect, it } from 'vitest';
import { add, int } from '../../kernel/expressions.ts';
import type { Kernel, KernelArgument } from '../../kernel/ir.ts';
import { buildKernel, memoryTypeOf, type Writer } from '../../kernel/writer.ts';
import { wasmSimdSpellings } from '../../targets/instructions/wasm-simd.ts';
import { bytesOf, type Data } from '../../tensor/dtype.ts';
import type { Program } from '../program.ts';
import { renderWasm } from './module.ts';

const x: KernelArgument = { name: 'x', type: 'i32', length: 4, space: 'argument', access: 'read' };
const y: KernelArgument = { ...x, name: 'y', access: 'update' };
const type = { dtype: 'i32', shape: [4] } as const;

const kernelOf = (write: (k: Writer) => void): Kernel => buildKernel('layer', 'a layer', [x, y], write);

const programOf = (kernels: readonly (Kernel | undefined)[], more: Partial<Program> = {}): Program => ({
  prefix: 'tiny',
  title: 'tiny',
  steps: kernels.map((kernel) => ({ note: '', kernel, offsets: [0, 16], outputs: [] })),
  arenaBytes: 48,
  alignment: 16,
  inputs: [{ name: 'x', type, offset: 0, bytes: 16 }],
  outputs: [{ name: 'y', type, offset: 16, bytes: 16 }],
  states: [],
  macs: 0,
  ...more,
});

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  run(): void;
  init(): void;
  input(index: number): number;
  output(index: number): number;
}

async function start(program: Program, trace?: (layer: number) => void) {
  const rendered = renderWasm(program, { spellings: {}, trace: trace !== undefined });
  expect(WebAssembly.validate(rendered.bytes)).toBe(true);
  const module = await WebAssembly.compile(rendered.bytes);
  const imports = trace === undefined ? {} : { anymote: { on_layer: trace } };
  // The exports are those the module's header names.
  const exports = new WebAssembly.Instance(module, imports).exports as unknown as Exports;
  const at = (offset: number, bytes: number): Uint8Array =>
    new Uint8Array(exports.memory.buffer, rendered.arenaAddress + offset, bytes);
  return { ...rendered, exports, at };
}

const copying = kernelOf((k) => k.for('i', 0, 4, (i) => k.store(y, i, add(k.load(y, i), k.load(x, i)))));

describe('a module', () => {
  it('runs, and says where its inputs and outputs are', async () => {
    const { exports, at, arenaAddress } = await start(programOf([copying]));
    expect(exports.input(0)).toBe(arenaAddress);
    expect(exports.output(0)).toBe(arenaAddress + 16);
    for (const index of [1, -1, 99]) expect([exports.input(index), exports.output(index)]).toEqual([0, 0]);
    at(0, 16).set(bytesOf(Int32Array.of(1, -2, 3, -4)));
    exports.run();
    exports.run();
    expect(at(16, 16)).toEqual(bytesOf(Int32Array.of(2, -4, 6, -8)));
  });

  it('leaves address 0 unused and aligns its arena', async () => {
    const table = kernelOf((k) => k.store(y, 0, k.load(k.constant('c', Int8Array.of(1, 2, 3)), 2)));
    const { arenaAddress, memoryBytes } = await start(programOf([table]));
    expect(arenaAddress % 16).toBe(0);
    expect(arenaAddress).toBeGreaterThanOrEqual(32);
    expect(memoryBytes).toBe(65536);
  });

  it('has as many pages as it needs', async () => {
    const { exports, memoryBytes } = await start(programOf([copying], { arenaBytes: 200_000 }));
    expect(memoryBytes).toBe(4 * 65536);
    expect(exports.memory.buffer.byteLength).toBe(4 * 65536);
  });

  it('may have no layers, inputs or outputs at all', async () => {
    const { exports } = await start(programOf([], { arenaBytes: 0, inputs: [], outputs: [] }));
    exports.run();
    expect(exports.input(0)).toBe(0);
  });

  it('is the same every time', () => {
    const bytes = () => renderWasm(programOf([copying]), { spellings: wasmSimdSpellings }).bytes;
    expect(bytes()).toEqual(bytes());
  });
});

describe('constants', () => {
  it.each<[string, Data]>([
    ['floats that are not finite, and -0', Float32Array.of(Number.NaN, Infinity, -Infinity, -0)],
    ['64-bit integers', BigInt64Array.of(-1n, -(2n ** 63n))],
    ['a part of a larger array', Int8Array.of(1, 2, 3, 4, 5, 6).subarray(1, 5)],
    ['16-bit integers', Int16Array.of(-32768, 32767)],
  ])('%s arrive bit for bit', async (_, data) => {
    const table = { name: 'table', type: memoryTypeOf(data), length: data.length, space: 'constant', data } as const;
    const { exports, arenaAddress } = await start(programOf([{ ...copying, constants: [table] }]));
    const first = new Uint8Array(exports.memory.buffer, 16, data.byteLength);
    expect(arenaAddress).toBeGreaterThan(16);
    expect(first).toEqual(bytesOf(data));
  });
});

describe('states', () => {
  const program = programOf([kernelOf((k) => k.store(y, 0, add(k.load(y, 0), 1)))], {
    states: [
      { name: 'zero', offset: 16, bytes: 8, data: undefined },
      { name: 'filled', offset: 32, bytes: 4, data: Int32Array.of(77) },
    ],
  });

  it('begin as given, live from run to run, and begin again', async () => {
    const { exports, at } = await start(program);
    exports.init();
    expect(at(32, 4)).toEqual(bytesOf(Int32Array.of(77)));
    exports.run();
    exports.run();
    expect(at(16, 4)).toEqual(bytesOf(Int32Array.of(2)));
    exports.init();
    expect(at(16, 8)).toEqual(new Uint8Array(8));
  });
});

describe('trace', () => {
  it('reports every layer when it is done, views too', async () => {
    const layers: [number, number][] = [];
    const one = kernelOf((k) => k.store(y, 0, int(1)));
    const two = kernelOf((k) => k.store(y, 0, int(2)));
    const { exports, at } = await start(programOf([one, undefined, two]), (layer) =>
      layers.push([layer, at(16, 1)[0] ?? 0]),
    );
    exports.run();
    expect(layers).toEqual([
      [0, 1],
      [1, 1],
      [2, 2],
    ]);
  });

  it('is not in a module that was not asked for it', async () => {
    const { bytes } = renderWasm(programOf([copying]), { spellings: {} });
    const module = await WebAssembly.compile(bytes);
    expect(() => new WebAssembly.Instance(module, {})).not.toThrow();
    const traced = await WebAssembly.compile(renderWasm(programOf([copying]), { spellings: {}, trace: true }).bytes);
    expect(() => new WebAssembly.Instance(traced, {})).toThrow();
  });
});
