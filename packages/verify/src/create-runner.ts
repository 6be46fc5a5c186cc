// The runner of each target that C can be run on, by the target's name.
import { type Board, type BoardName, boards } from './boards.ts';
import { createHostRunner } from './host-runner.ts';
import { createQemuRunner } from './qemu-runner.ts';
import { createRp2040Runner } from './rp2040-runner.ts';
import type { Runner } from './runner.ts';
import type { Workspace } from './workspace.ts';

export type CTarget = 'host' | BoardName;

/** `host` is gcc with sanitizers; for other native builds see createHostRunner. */
export function createRunner(target: CTarget, workspace: Workspace): Runner {
  if (target === 'host') return createHostRunner(workspace);
  const board: Board = boards[target];
  return board.qemu === undefined ? createRp2040Runner(workspace) : createQemuRunner(board, workspace);
}
