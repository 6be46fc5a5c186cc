// Runs WebAssembly modules in this process. A module that loops for ever cannot be stopped from here, and instructions
// cannot be counted; everything else is as with the other runners.
import { crc32 } from './crc32.ts';
import { isTracing } from './outcome.ts';
import { RunError } from './run-error.ts';
import type { Inference, ProgramShape, Runner, RunOptions, RunResult } from './runner.ts';

/** A stretch of linear memory, in bytes from address 0. */
export interface Span {
  readonly address: number;
  readonly bytes: number;
}

/** A model as WebAssembly: the module that is shipped, and on demand the one that reports its layers. */
export interface WasmProgram extends ProgramShape {
  readonly module: Uint8Array;
  readonly traced: () => { readonly module: Uint8Array; readonly layers: readonly (readonly Span[])[] };
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  init(): void;
  run(): void;
  input(index: number): number;
  output(index: number): number;
}

/** A runner for a WebAssembly target; `name` is the target's. */
export function createWasmRunner(name: string): Runner<WasmProgram> {
  return {
    name,
    kind: 'wasm',
    available: async () => ({ ok: true, version: `V8 ${process.versions.v8}` }),
    run: async (program, inferences, options = {}) => {
      try {
        return await runModule(name, program, inferences, options);
      } catch (error) {
        // A trap, or a module the engine refuses.
        if (error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.CompileError)
          throw new RunError({ code: 'crashed', runner: name, detail: error.message });
        throw error;
      }
    },
  };
}

async function runModule(
  runner: string,
  program: WasmProgram,
  inferences: readonly Inference[],
  options: RunOptions,
): Promise<RunResult> {
  const fail = (detail: string): RunError => new RunError({ code: 'contract', runner, detail });
  const traced = isTracing(options) ? program.traced() : undefined;
  const crcs: (number | undefined)[][] = [];
  let dump: Uint8Array | undefined;
  const onLayer = (layer: number): void => {
    const spans = traced?.layers[layer];
    if (spans === undefined) throw fail(`layer ${layer} is none of ${program.layerCount}`);
    const parts = spans.map(({ address, bytes }) => read(address, bytes));
    const result = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    const current = crcs.at(-1);
    if (current !== undefined) current[layer] = crc32(result);
    if (layer === options.dumpLayer && crcs.length === 1) dump = result;
  };
  const module = await WebAssembly.compile(traced?.module ?? program.module);
  const instance = new WebAssembly.Instance(module, { anymote: { on_layer: onLayer } });
  // The exports are those that the compiler's renderer writes.
  const { memory, init, run, input, output } = instance.exports as unknown as Exports;
  const read = (address: number, bytes: number): Uint8Array => {
    if (address <= 0 || address + bytes > memory.buffer.byteLength) throw fail(`no memory at ${address}`);
    return new Uint8Array(memory.buffer.slice(address, address + bytes));
  };

  init();
  const outputs = inferences.map((inputs, index) => {
    const found = inputs.map((bytes) => bytes.length);
    if (found.length !== program.inputBytes.length || found.some((bytes, i) => bytes !== program.inputBytes[i]))
      throw fail(
        `inference ${index} has inputs of [${found.join(', ')}] bytes, the program takes [${program.inputBytes.join(', ')}]`,
      );
    inputs.forEach((bytes, i) => {
      new Uint8Array(memory.buffer).set(bytes, input(i));
    });
    crcs.push([]);
    run();
    return program.outputBytes.map((bytes, i) => read(output(i), bytes));
  });

  if (traced === undefined) return { outputs };
  const layerCrcs = crcs.map((inference) =>
    Array.from({ length: program.layerCount }, (_, layer) => {
      const crc = inference[layer];
      if (crc === undefined) throw fail(`layer ${layer} of ${program.layerCount} was not reported`);
      return crc;
    }),
  );
  if (options.dumpLayer !== undefined && inferences.length > 0 && dump === undefined)
    throw fail(`layer ${options.dumpLayer} of ${program.layerCount} was not reported`);
  return { outputs, layerCrcs, ...(dump === undefined ? {} : { layerDump: dump }) };
}
