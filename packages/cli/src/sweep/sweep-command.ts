// `anymote bench --sweep`: the builds of a model on a target as a table, as JSON, and drawn.
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Graph } from '@anymote/compiler';
import type { Workspace } from '@anymote/verify';
import { Failure, fileFailure } from '../failure.ts';
import type { Progress } from '../progress.ts';
import { readPeers } from '../report/read-peers.ts';
import type { Terminal } from '../terminal.ts';
import { writeFiles } from '../write-files.ts';
import { paretoFigure } from './pareto-figure.ts';
import { type SweepOptions, sweep } from './sweep.ts';
import { sweepText } from './sweep-text.ts';

export interface SweepJob {
  readonly terminal: Terminal;
  readonly progress: Progress;
  readonly workspace: Workspace;
  readonly graph: Graph;
  readonly path: string;
  readonly flags: {
    readonly target: string;
    readonly out?: string;
    readonly peers?: string;
    readonly name?: string;
    readonly json?: true;
  };
  readonly options: SweepOptions;
}

/** Measures, prints, draws. */
export async function sweepCommand(job: SweepJob): Promise<void> {
  const { terminal, progress, workspace, graph, path, flags, options } = job;
  const { target } = flags;
  if (target === 'host' || target.startsWith('wasm'))
    throw new Failure(`--sweep counts instructions, which ${target} does not; a core does: --target cortex-m4`, 2);
  const peers = flags.peers === undefined ? [] : readPeers(await textOf(flags.peers), flags.peers, path, target);
  const builds = await sweep(graph, workspace, options, (text) => progress.show(`${path} on ${target}: ${text} …`));
  progress.clear();
  const name = flags.name ?? basename(path).replace(/\.[^.]+$/, '');
  const title = `${name} on ${target}`;
  if (flags.out !== undefined) {
    const figure = paretoFigure(title, builds, peers);
    await writeFiles(dirname(flags.out), new Map([[basename(flags.out), figure]]));
  }
  terminal.write(
    flags.json
      ? `${JSON.stringify({ model: path, target, builds, peers }, null, 2)}\n`
      : sweepText(title, builds, peers, terminal),
  );
}

const textOf = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    throw fileFailure('read', path, error);
  });
