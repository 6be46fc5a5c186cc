// What variables and tests typically are inside loops, as far as it can be told before anything runs: the middle of a loop's range, and how
// often a test holds over it.
import type { Expr } from '../kernel/ir.ts';
import { forEachOperand } from '../kernel/visit.ts';

/** What is known of variables. */
export interface TypicalValues {
  /** The middle of a loop's range; NaN where memory or a state decides. */
  readonly values: Map<string, number>;
  /** Of the loops around: some of the values their indices take, evenly spread. */
  readonly samples: Map<string, readonly number[]>;
}

const mostSamples = 16;

/** Some of the values of a loop's index, evenly spread. */
export const samplesOf = (from: number, turns: number, step: number): readonly number[] =>
  Array.from({ length: Math.min(turns, mostSamples) }, (_, n) => {
    const turn = turns <= mostSamples ? n : Math.round((n * (turns - 1)) / (mostSamples - 1));
    return from + turn * step;
  });

/** A counter is compared with where it starts anew: the test holds once in so many times. */
function turnsCounted(test: Expr, { values }: TypicalValues): number | undefined {
  if (test.kind !== 'binary' || test.op !== 'eq' || test.a.kind !== 'var' || test.b.kind !== 'const') return undefined;
  const turns = Number(test.b.value);
  return turns > 1 && Number.isNaN(values.get(test.a.name) ?? 0) ? turns : undefined;
}

/** How often a test holds over the loops whose indices it reads; a half where that cannot be told. */
export function shareOf(test: Expr, context: TypicalValues): number {
  const turns = turnsCounted(test, context);
  if (turns !== undefined) return 1 / turns;
  const names = new Set<string>();
  forEachOperand(test, (expr) => {
    if (expr.kind === 'var' && context.samples.has(expr.name)) names.add(expr.name);
  });
  let settings: readonly (readonly [string, number])[][] = [[]];
  for (const name of [...names].slice(0, 2)) {
    const samples = context.samples.get(name) ?? [];
    settings = settings.flatMap((setting) => samples.map((value) => [...setting, [name, value] as const]));
  }
  const holds = settings.map((setting) =>
    typical(test, { ...context, values: new Map([...context.values, ...setting]) }),
  );
  if (holds.length === 0 || holds.some(Number.isNaN)) return 0.5;
  return holds.filter((value) => value !== 0).length / holds.length;
}

/** The value an expression has in the middle of the loops around it; NaN where memory or a state of variables decides. */
export function typical(expr: Expr, context: TypicalValues): number {
  switch (expr.kind) {
    case 'const':
      return Number(expr.value);
    case 'var':
      return context.values.get(expr.name) ?? Number.NaN;
    case 'cast':
      return expr.bits === true ? Number.NaN : typical(expr.value, context);
    case 'select':
    case 'load':
    case 'call':
      return Number.NaN;
    case 'binary': {
      const [a, b] = [typical(expr.a, context), typical(expr.b, context)];
      if (Number.isNaN(a + b)) return Number.NaN;
      return arithmetic[expr.op]?.(a, b) ?? Number.NaN;
    }
  }
}

const arithmetic: Readonly<Partial<Record<string, (a: number, b: number) => number>>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => Math.trunc(a / b),
  rem: (a, b) => a % b,
  min: Math.min,
  max: Math.max,
  and: (a, b) => a & b,
  lt: (a, b) => Number(a < b),
  le: (a, b) => Number(a <= b),
  eq: (a, b) => Number(a === b),
  ne: (a, b) => Number(a !== b),
};
