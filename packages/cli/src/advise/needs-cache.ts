// What a model needs on all kinds of cores, kept in the user's cache folder: it is the same until the model or the compiler changes.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ModelNeeds, needsOf } from '@anymote/advise';
import { aboutFile, readModelFile } from '../model-file.ts';
import type { ModelFlags } from '../model-options.ts';
import { createProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

const cacheFolder = (): string => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'anymote');

/** Needs of a model file, compiled for all kinds of cores unless that was done before. */
export async function modelNeeds(terminal: Terminal, path: string, flags: ModelFlags): Promise<ModelNeeds> {
  const { bytes, graph } = await readModelFile(path, flags);
  const kept = join(cacheFolder(), `needs-${await keyOf(bytes, flags)}.json`);
  const known = await readFile(kept, 'utf8').then(parse, () => undefined);
  if (known !== undefined) return known;
  const progress = createProgress(terminal);
  const needs = aboutFile(path, () => needsOf(graph, (target) => progress.show(`${path}: compiling for ${target} …`)));
  progress.clear();
  // A cache that cannot be written is no reason to fail.
  await keep(kept, JSON.stringify(needs)).catch(() => undefined);
  return needs;
}

async function keep(path: string, text: string): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  const own = `${path}.${process.pid}`;
  await writeFile(own, text);
  await rename(own, path);
}

/** Of everything that decides what is needed: the model, how it is read, other files it takes in, and the compiler. */
async function keyOf(bytes: Uint8Array, flags: ModelFlags): Promise<string> {
  const { then: second, calibrate, outputs, features, bestIteration } = flags;
  const hash = createHash('sha256')
    .update(bytes)
    .update(JSON.stringify([outputs, features, bestIteration]));
  for (const other of [second, calibrate]) if (other !== undefined) hash.update(await readFile(other));
  return hash
    .update(await compilerState())
    .digest('hex')
    .slice(0, 32);
}

/** Changes with every build of the compiler. */
async function compilerState(): Promise<string> {
  const entry = fileURLToPath(import.meta.resolve('@anymote/compiler'));
  const built = await stat(join(entry, '..', '.tsbuildinfo')).catch(() => stat(entry));
  return `${built.mtimeMs} ${built.size}`;
}

/** Needs as they were kept; undefined where the text is something else. */
function parse(text: string): ModelNeeds | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // The key names the compiler that wrote it.
    return typeof value === 'object' && value !== null && 'builds' in value ? (value as ModelNeeds) : undefined;
  } catch {
    return undefined;
  }
}
