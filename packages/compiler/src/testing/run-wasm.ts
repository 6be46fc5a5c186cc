// Runs a traced WebAssembly artifact once and keeps the bytes of every layer's outputs.
import type { WasmArtifact } from '../compile.ts';
import { bytesOf, type Data } from '../tensor/dtype.ts';

export interface TracedRun {
  /** By layer, by output. */
  readonly layers: readonly (readonly Uint8Array[])[];
}

export async function runWasm(
  { bytes, program, arenaAddress }: WasmArtifact,
  inputs: readonly Data[],
): Promise<TracedRun> {
  const module = await WebAssembly.compile(bytes);
  const layers: Uint8Array[][] = [];
  const memory = (): ArrayBuffer => exports.memory.buffer;
  const onLayer = (layer: number): void => {
    layers[layer] = (program.steps[layer]?.outputs ?? []).map(
      ({ offset, bytes: length }) =>
        new Uint8Array(memory().slice(arenaAddress + offset, arenaAddress + offset + length)),
    );
  };
  const instance = new WebAssembly.Instance(module, { anymote: { on_layer: onLayer } });
  const exports = instance.exports as { memory: { buffer: ArrayBuffer }; init: () => void; run: () => void };
  exports.init();
  program.inputs.forEach((port, i) => {
    const data = inputs[i];
    if (data !== undefined) new Uint8Array(memory()).set(bytesOf(data), arenaAddress + port.offset);
  });
  exports.run();
  return { layers };
}
