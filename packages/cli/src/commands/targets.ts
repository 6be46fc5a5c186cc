// `anymote targets`: what models can be compiled for, and what can be verified on this machine.
import type { Target } from '@anymote/compiler';
import type { Command } from 'commander';
import { formatBytes } from '../byte-size.ts';
import { alignColumns } from '../table.ts';
import type { Terminal } from '../terminal.ts';

const examples = `
Examples:
  anymote targets
  anymote targets --json
`;

/** Adds the command to a program. */
export function addTargetsCommand(program: Command, terminal: Terminal): void {
  program
    .command('targets')
    .summary('list what models can be compiled for')
    .description('List the targets, their memory, and whether this machine has what verifying on them needs.')
    .option('--json', 'as JSON')
    .addHelpText('after', examples)
    .action((flags: { readonly json?: true }) => listTargets(terminal, flags.json === true));
}

interface Listed {
  readonly target: Target;
  /** How verification runs it: undefined where no machine does. */
  readonly available?: {
    readonly ok: boolean;
    readonly version?: string;
    readonly missing?: string;
    readonly install?: string;
  };
}

async function listTargets({ write, colours }: Terminal, json: boolean): Promise<void> {
  const { targets } = await import('@anymote/compiler');
  const { createCRunner, createWasmRunner, openWorkspace } = await import('@anymote/verify');
  const workspace = openWorkspace();
  try {
    const listed = await Promise.all(
      targets.map(async (target): Promise<Listed> => {
        const runner = target.output === 'wasm' ? createWasmRunner(target.name) : createCRunner(target, workspace);
        return runner === undefined ? { target } : { target, available: await runner.available() };
      }),
    );
    if (json) {
      const rows = listed.map(({ target: { name, description, output, memory }, available }) => ({
        name,
        description,
        output,
        memory,
        verify: available ?? { ok: false },
      }));
      write(`${JSON.stringify(rows, null, 2)}\n`);
      return;
    }
    const rows = listed.map(({ target, available }) => [
      colours.bold(target.name),
      target.description,
      target.memory === undefined ? '' : formatBytes(target.memory.ramBytes),
      target.memory === undefined ? '' : formatBytes(target.memory.flashBytes),
      available === undefined
        ? 'no machine to run it on'
        : available.ok
          ? colours.green('ready')
          : colours.yellow(`needs ${available.missing}`),
    ]);
    const header = ['target', 'what it is', 'RAM', 'flash', 'verify'].map((title) => colours.dim(title));
    const hints = [...new Set(listed.flatMap(({ available }) => available?.install ?? []))];
    write(`${alignColumns([header, ...rows], 'llrrl').join('\n')}\n`);
    if (hints.length > 0) write(`\nto install what is missing:\n${hints.map((hint) => `  ${hint}\n`).join('')}`);
  } finally {
    workspace.close();
  }
}
