// What verification finds out, as data, and its wording.
import type { RemovedNode } from '@anymote/compiler';
import type { Difference } from './difference.ts';
import type { CodeSizes } from './runner.ts';

export type Outcome =
  | { readonly status: 'ok' }
  | { readonly status: 'different'; readonly difference: Difference }
  /** No verdict: the machine is not here (`install` says how to get it) or too small. */
  | { readonly status: 'skipped'; readonly reason: string; readonly install?: string }
  | { readonly status: 'failed'; readonly message: string };

/** Which of the model's layers a target has, and so can be compared. */
export interface LayerCoverage {
  readonly compared: number;
  /** Those of them whose tensors have fewer channels than in the model. */
  readonly inPart: number;
  /** Those that passes took out; what read them is compared. */
  readonly removed: readonly RemovedNode[];
}

/** What is known about a model on a target; costs only where the machine can tell. */
export interface TargetReport {
  readonly target: string;
  readonly outcome: Outcome;
  readonly arenaBytes?: number;
  readonly constantBytes?: number;
  readonly layers?: LayerCoverage;
  /** Size of the WebAssembly module. */
  readonly moduleBytes?: number;
  /** Executed instructions of each sample's inference. */
  readonly instructions?: readonly number[];
  readonly stackBytes?: number;
  readonly sizes?: CodeSizes;
}

export interface VerifyReport {
  readonly model: string;
  readonly samples: readonly string[];
  /** Whether the interpreter agrees with the definition, where it was asked. */
  readonly reference: Extract<Outcome, { status: 'ok' | 'different' }>;
  readonly targets: readonly TargetReport[];
  /** Nothing differs and nothing failed; skipped targets do not count. */
  readonly ok: boolean;
}

/** A target's outcome in words. */
export function explainOutcome(outcome: Extract<Outcome, { status: 'skipped' | 'failed' }>): string {
  if (outcome.status === 'failed') return outcome.message;
  return outcome.install === undefined ? outcome.reason : `${outcome.reason} (${outcome.install})`;
}
