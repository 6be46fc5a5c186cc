// Budgets of memory: what was asked for or what the target has, checked, and compared with what a model takes.
import { type Issue, throwIssues } from './errors.ts';
import type { Memory } from './plan/split-memories.ts';
import { identifierWanted, isIdentifier } from './render/c/names.ts';
import type { LayerReport, Report } from './report.ts';
import type { Target } from './targets/target.ts';

/** Memory a result must fit, in bytes, where it differs from the target's. */
export interface Memories {
  readonly flashBytes?: number;
  /** `least`: as little as computing layers by rows comes to, whatever the target has. */
  readonly ramBytes?: number | 'least';
  /** RAM in several pieces, the fastest first: what is used most often lies in the first. C only. */
  readonly pieces?: readonly Memory[];
}

/** Throws a CompileError where pieces of memory are none that code could name. */
export function checkPieces(target: Target, pieces: readonly Memory[] | undefined): void {
  if (pieces === undefined) return;
  const bad = (what: string, want: string, found: string): Issue => ({
    code: 'bad-value',
    where: {},
    what,
    want,
    found,
  });
  const names = pieces.map(({ name }) => name);
  const issues = [
    ...(target.output === 'c' ? [] : [bad('pieces of memory', 'a target for C', target.name)]),
    ...(pieces.length > 0 ? [] : [bad('pieces of memory', 'at least one', 'none')]),
    ...names.flatMap((name, i) => [
      ...(isIdentifier(name) && name !== 'model' ? [] : [bad('name of a memory', identifierWanted, name)]),
      ...(names.indexOf(name) === i ? [] : [bad('name of a memory', 'another for each', name)]),
    ]),
    ...pieces
      .filter(({ bytes }) => !(bytes > 0))
      .map(({ name, bytes }) => bad(`bytes of ${name}`, 'more than 0', String(bytes))),
  ];
  throwIssues(issues);
}

/** What no target exceeds, whatever it says of itself: addresses stay far inside an index, the C text inside a string. */
const largestMemory = { flashBytes: 2 ** 26, ramBytes: 2 ** 28 } as const;

/** Bytes that a memory may take: as asked for, or what the target has. */
export function memoryOf(kind: keyof typeof largestMemory, target: Target, memory: Memories | undefined): number {
  const pieces = memory?.pieces?.reduce((total, { bytes }) => total + bytes, 0);
  const asked = memory?.[kind];
  // Nothing is as small: what comes nearest is taken.
  if (asked === 'least') return 1;
  const given = asked ?? (kind === 'ramBytes' ? pieces : undefined);
  return Math.min(given ?? target.memory?.[kind] ?? Infinity, largestMemory[kind]);
}

/** Constants and arena against the memories; code comes on top, and is known once a compiler has seen it. */
export function doesNotFit(report: Report, target: Target, memory: Memories | undefined): readonly Issue[] {
  const flashBytes = memoryOf('flashBytes', target, memory);
  const ramBytes = memory?.ramBytes === 'least' ? largestMemory.ramBytes : memoryOf('ramBytes', target, memory);
  const most = (bytes: (layer: LayerReport) => number): { readonly layer?: string } => {
    const [first, ...rest] = report.layers;
    return first === undefined ? {} : { layer: rest.reduce((a, b) => (bytes(b) > bytes(a) ? b : a), first).name };
  };
  const common = { code: 'does-not-fit', where: {}, target: target.name } as const;
  const issues: Issue[] = [];
  if (report.constantBytes > flashBytes)
    issues.push({
      ...common,
      memory: 'flash',
      needBytes: report.constantBytes,
      haveBytes: flashBytes,
      ...most(({ constantBytes }) => constantBytes),
    });
  for (const { name, bytes } of report.memories ?? []) {
    const piece = memory?.pieces?.find((own) => own.name === name);
    if (piece !== undefined && bytes > piece.bytes && report.arenaBytes <= ramBytes)
      issues.push({
        ...common,
        memory: name,
        needBytes: bytes,
        haveBytes: piece.bytes,
        ...most(({ liveBytes }) => liveBytes),
      });
  }
  if (report.arenaBytes > ramBytes)
    issues.push({
      ...common,
      memory: 'ram',
      needBytes: report.arenaBytes,
      haveBytes: ramBytes,
      leastBytes: report.arenaLowerBoundBytes,
      ...most(({ liveBytes }) => liveBytes),
    });
  return issues;
}
