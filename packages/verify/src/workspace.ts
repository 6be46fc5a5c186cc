// A temporary directory and the processes started from it. Both end with the process that opened it: the directory is
// removed and children still running are killed, on a signal too.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunError } from './run-error.ts';
import { installHint } from './tools.ts';

/** How a process ended. `code` is null when a signal ended it. */
export interface Execution {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface ExecuteOptions {
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

export interface Workspace {
  readonly directory: string;
  /** A new empty directory below the workspace's. */
  newDirectory(name: string): Promise<string>;
  /**
   * Runs a command to its end and returns what it said, the last megabyte of each stream.
   * @throws {RunError} `missing-tool` when there is no such command on the path
   */
  execute(command: string, parameters: readonly string[], options?: ExecuteOptions): Promise<Execution>;
  /** Removes the directory and kills what runs. */
  close(): void;
}

const kept = 1 << 20;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Opens a workspace; `path` replaces PATH for everything it starts. */
export function openWorkspace(options: { readonly path?: string } = {}): Workspace {
  const directory = mkdtempSync(join(tmpdir(), 'anymote-'));
  const children = new Set<ChildProcess>();
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C' };
  if (options.path !== undefined) env.PATH = options.path;
  let directories = 0;

  const clear = (): void => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  // A signal's default would leave the directory behind: clear, then let the signal do what it came for.
  const onSignal = (signal: NodeJS.Signals): void => {
    close();
    process.kill(process.pid, signal);
  };
  const close = (): void => {
    process.off('exit', clear);
    for (const signal of signals) process.off(signal, onSignal);
    clear();
  };
  process.once('exit', clear);
  for (const signal of signals) process.once(signal, onSignal);

  const execute = (command: string, parameters: readonly string[], how: ExecuteOptions = {}): Promise<Execution> =>
    new Promise((resolve, reject) => {
      const child = spawn(command, parameters, {
        cwd: how.cwd ?? directory,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      children.add(child);
      let stdout = '';
      let stderr = '';
      let timedOut = false;
      const timer =
        how.timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              timedOut = true;
              child.kill('SIGKILL');
            }, how.timeoutMs);
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout = (stdout + text).slice(-kept);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr = (stderr + text).slice(-kept);
      });
      child.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        children.delete(child);
        const absent = error.code === 'ENOENT' || error.code === 'EACCES';
        reject(absent ? new RunError({ code: 'missing-tool', tool: command, install: installHint(command) }) : error);
      });
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        children.delete(child);
        resolve({ code, signal, stdout, stderr, timedOut });
      });
    });

  return {
    directory,
    newDirectory: async (name) => {
      const path = join(directory, `${name}-${directories++}`);
      await mkdir(path);
      return path;
    },
    execute,
    close,
  };
}
