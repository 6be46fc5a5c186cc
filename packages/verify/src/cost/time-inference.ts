// How long an inference takes on this machine, natively and as WebAssembly: medians over batches that last long enough
// for the clock. Times vary between machines and runs; everything that must repeat is counted elsewhere.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRequest, requestName } from '../exchange.ts';
import { compile, writeSources } from '../firmware.ts';
import { firmwareDirectory, glueName, modelFlags, renderGlue, sourceNames } from '../glue.ts';
import { RunError } from '../run-error.ts';
import type { CProgram, Inference } from '../runner.ts';
import type { Workspace } from '../workspace.ts';

const batches = 21;
const batchMs = 10;
const timeoutMs = 600_000;

/** Microseconds of an inference of generated C, built by gcc with the given options. @throws {RunError} */
export async function timeHost(
  workspace: Workspace,
  program: CProgram,
  inference: Inference,
  optimise: readonly string[],
): Promise<number> {
  const directory = await workspace.newDirectory('host-time');
  try {
    await writeSources(program, directory);
    await writeFile(join(directory, glueName), renderGlue(program));
    await writeFile(join(directory, requestName), encodeRequest('host', program, [inference], undefined));
    const objects: string[] = [];
    for (const source of sourceNames(program)) {
      const object = `${source.slice(0, -2)}.o`;
      await compile(workspace, 'gcc', [...modelFlags(program, { optimise }), '-c', source, '-o', object], directory);
      objects.push(object);
    }
    const flags = ['-O2', '-DHARNESS_HOST', '-I', firmwareDirectory, glueName, join(firmwareDirectory, 'time.c')];
    await compile(workspace, 'gcc', [...flags, ...objects, '-o', 'program'], directory);
    const { code, stdout, stderr } = await workspace.execute(join(directory, 'program'), [], {
      cwd: directory,
      timeoutMs,
    });
    if (code !== 0)
      throw new RunError({ code: 'crashed', runner: 'host', detail: stderr.trim() || `exit code ${code}` });
    return Number(stdout) / 1000;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Microseconds of an inference of a WebAssembly module, in this process. */
export async function timeWasm(module: Uint8Array, inference: Inference): Promise<number> {
  const instance = new WebAssembly.Instance(await WebAssembly.compile(module), {});
  // The exports are those that the compiler's renderer writes.
  const { memory, init, run, input } = instance.exports as unknown as WasmExports;
  init();
  inference.forEach((bytes, i) => {
    new Uint8Array(memory.buffer).set(bytes, input(i));
  });
  const batch = (inferences: number): number => {
    const start = performance.now();
    for (let i = 0; i < inferences; i++) run();
    return performance.now() - start;
  };
  let inferences = 1;
  while (batch(inferences) < batchMs) inferences *= 2;
  const times = Array.from({ length: batches }, () => batch(inferences) / inferences).sort((a, b) => a - b);
  return 1000 * (times[batches >> 1] ?? 0);
}

interface WasmExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  init(): void;
  run(): void;
  input(index: number): number;
}
