// Sample inputs that come with a model: the .npy files of `samples/` beside it, and what each of them shows.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Data, LoadedTensor } from '@anymote/compiler';
import { readNpy } from './npy.ts';
import { storedElements } from './stored-elements.ts';

export interface ModelSample {
  readonly file: string;
  readonly data: Data;
  /** The class it shows, where `labels.json` says so. */
  readonly label?: string;
}

/** Samples for a model of one input, in the order of their names; none where there is no such folder. */
export async function readModelSamples(
  modelPath: string,
  inputs: readonly LoadedTensor[],
): Promise<readonly ModelSample[]> {
  const folder = join(dirname(modelPath), 'samples');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.npy')).sort();
  const [input, another] = inputs;
  if (input === undefined || another !== undefined) return [];
  const labels = labelsOf(await readFile(join(folder, 'labels.json'), 'utf8').catch(() => '{}'));
  return Promise.all(
    names.map(async (name) => {
      const file = join(folder, name);
      const data = storedElements(input, readNpy(await readFile(file), file), file);
      const label = labels.get(name);
      return { file: name, data, ...(label === undefined ? {} : { label }) };
    }),
  );
}

/** `{ "samples": { "x.npy": "label" } }`. */
function labelsOf(text: string): ReadonlyMap<string, string> {
  const parsed: unknown = JSON.parse(text);
  const samples = typeof parsed === 'object' && parsed !== null && 'samples' in parsed ? parsed.samples : undefined;
  const entries = typeof samples === 'object' && samples !== null ? Object.entries(samples) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
