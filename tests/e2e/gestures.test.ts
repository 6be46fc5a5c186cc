// The gesture model from its file to decisions, in WebAssembly and as C on this machine. Its samples are computed, not
// recorded (training/gestures/synthetic-motion.mjs): they show that the model is run rightly, not how good it is. That is
// told by recordings of people, which are not part of this repository: the model's README.md names those that were held
// out of its training and gives its table of right and wrong answers, which the last test repeats where they are at hand.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readNpy } from '../../packages/cli/src/npy.ts';
import { compile } from '../../packages/compiler/src/compile.ts';
import { readModel } from '../../packages/compiler/src/formats/index.ts';
import { load } from '../../packages/compiler/src/load.ts';
import { cProgram } from '../../packages/verify/src/executor.ts';
import { createHostRunner } from '../../packages/verify/src/host-runner.ts';
import { RunError } from '../../packages/verify/src/run-error.ts';
import { isSkipped } from '../../packages/verify/src/runner.ts';
import { openWorkspace } from '../../packages/verify/src/workspace.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

const folder = new URL('../models/gestures/', import.meta.url);
const read = (name: string): Uint8Array => Uint8Array.from(readFileSync(new URL(name, folder)));
const text = (name: string): string => readFileSync(new URL(name, folder), 'utf8');

const model = read('gestures.tflite');
const { classes, samples } = JSON.parse(text('samples/labels.json')) as {
  readonly classes: readonly string[];
  readonly samples: Readonly<Record<string, string>>;
};

function sampleOf(name: string): Int8Array {
  const { data } = readNpy(read(`samples/${name}`), name);
  if (!(data instanceof Int8Array)) throw new Error(`${name} is not int8`);
  return data;
}

const inputs = Object.keys(samples).map(sampleOf);
const labels = Object.values(samples);

/** The class of the greatest probability. */
function classOf(probabilities: Int8Array): string {
  const best = probabilities.indexOf(Math.max(...probabilities));
  return classes[best] ?? `output ${best}`;
}

async function runInWebAssembly(windows: readonly Int8Array[]): Promise<readonly Int8Array[]> {
  const network = await load(model);
  return windows.map((window) => {
    const [probabilities] = network.run(window);
    if (!(probabilities instanceof Int8Array)) throw new Error('the output is not int8');
    return probabilities;
  });
}

it('has samples of every class', () => {
  expect(labels).toHaveLength(12);
  expect(new Set(labels)).toEqual(new Set(classes));
});

it('recognises its samples in WebAssembly', async () => {
  expect((await runInWebAssembly(inputs)).map(classOf)).toEqual(labels);
});

const host = createHostRunner(workspace);
const available = await host.available();
const reason = available.ok ? '' : ` (no ${available.missing}: ${available.install})`;

it.skipIf(!available.ok)(`recognises them as C on this machine, with the same probabilities${reason}`, async () => {
  const artifact = compile(readModel(model), { target: 'host', prefix: 'gestures' });
  if (artifact.kind !== 'c') throw new Error('the host takes C');
  const result = await host.run(
    cProgram(artifact),
    inputs.map((input) => [new Uint8Array(input.buffer, input.byteOffset, input.length)]),
  );
  if (isSkipped(result)) throw new RunError(result.skipped);
  const outputs = result.outputs.map(([output]) => Int8Array.from(output ?? []));
  expect(outputs.map(classOf)).toEqual(labels);
  expect(outputs).toEqual(await runInWebAssembly(inputs));
});

/** What is used of the scripts that trained the model. */
interface Training {
  readRecordings(sharedFolder: string): { readonly recordings: readonly Recording[] };
  splitRecordings(
    recordings: readonly Recording[],
    fold: number,
    folds: number,
  ): { readonly heldOut: readonly Recording[] };
  cutWindows(
    recordings: readonly Recording[],
    hopRawSamples: number,
  ): { readonly windows: readonly { readonly steps: Float32Array; readonly label: number }[] };
  quantiseInput(steps: Float32Array): Int8Array;
}

interface Recording {
  readonly fileName: string;
}

const shared = process.env.ANYMOTE_SHARED ?? resolve(import.meta.dirname, '../../../shared');
const recorded = existsSync(join(shared, 'data/medical/har-emlearn'));
const absent = recorded ? '' : ` (no recordings in ${shared}: set ANYMOTE_SHARED)`;

describe.skipIf(!recorded)(`on recordings held out of its training${absent}`, () => {
  it('is right and wrong as its README.md says', async () => {
    const scripts = new URL('../../training/gestures/', import.meta.url);
    const { readRecordings, splitRecordings, cutWindows, quantiseInput }: Training = {
      ...(await import(new URL('recordings.mjs', scripts).href)),
      ...(await import(new URL('gestures.mjs', scripts).href)),
    };
    // Fold 1 of 3, windows every 0.16 s at 100 Hz: the README's own terms.
    const { heldOut } = splitRecordings(readRecordings(shared).recordings, 1, 3);
    const { windows } = cutWindows(heldOut, 16);
    const found = (await runInWebAssembly(windows.map(({ steps }) => quantiseInput(steps)))).map(classOf);
    const table = classes.map((label, i) => [
      label,
      ...classes.map((other) => String(found.filter((name, k) => name === other && windows[k]?.label === i).length)),
    ]);
    const readme = text('README.md');
    expect(readme).toContain(`Held out: ${heldOut.map(({ fileName }) => fileName).join(', ')}.`);
    const rows = readme.split('\n').map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    for (const row of table) expect(rows).toContainEqual(row);
  });
});
