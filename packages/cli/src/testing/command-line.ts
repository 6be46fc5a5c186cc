// The command line as tests use it: run in this process, in a folder of its own, with everything it writes kept.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import picocolors from 'picocolors';
import { run } from '../main.ts';
import type { Terminal } from '../terminal.ts';

/** The gesture model of the repository, and its samples. */
export const gestures = fileURLToPath(new URL('../../../../tests/models/gestures/gestures.tflite', import.meta.url));
export const gestureSample = (name: string): string => join(gestures, '..', 'samples', name);

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line, without colours. */
export async function commandLine(...argv: readonly string[]): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  const terminal: Terminal = {
    write: (text) => {
      stdout += text;
    },
    writeError: (text) => {
      stderr += text;
    },
    colours: picocolors.createColors(false),
    errorColours: picocolors.createColors(false),
    interactive: false,
    columns: 120,
  };
  const code = await run(argv, terminal);
  return { code, stdout, stderr };
}

/** A folder for one test; `files` lists all that is in it. */
export function temporaryFolder(): {
  readonly path: (...parts: readonly string[]) => string;
  readonly files: () => readonly string[];
  readonly remove: () => void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'anymote-test-'));
  return {
    path: (...parts) => join(folder, ...parts),
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What commands keep goes to a folder until the returned function is called. */
export function cacheIn(folder: string): () => void {
  const before = process.env.XDG_CACHE_HOME;
  process.env.XDG_CACHE_HOME = folder;
  return () => {
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  };
}
