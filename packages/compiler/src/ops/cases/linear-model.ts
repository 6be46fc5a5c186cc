// Contract cases of linearModel: both arithmetics, centres, divisors, missing values, one score and several, odd sizes.
import { decisionShapes } from '../decision.ts';
import type { LinearModelAttrs } from '../linear-model.ts';
import { type Case, fed, lcg, plainType } from './case.ts';

/** Seeded doubles of -1 to 1. */
export function doubles(seed: number, length: number): Float64Array {
  const next = lcg(seed);
  return Float64Array.from({ length }, () => next() / 2 ** 31 - 1);
}

function linearCase(
  name: string,
  rows: number,
  features: number,
  scores: number,
  more: Partial<LinearModelAttrs> = {},
): Case {
  const decision = more.decision ?? {
    gives: ['scores', 'transformed', 'label'],
    transform: 'softmax',
    label: 'largest',
  };
  const attrs: LinearModelAttrs = {
    features,
    scores,
    weights: doubles(features, scores * features),
    bias: doubles(scores, scores),
    arithmetic: 'f64',
    biasFirst: false,
    missing: 'number',
    ...more,
    decision,
  };
  const x = fed(plainType('f32', [rows, features]), features + scores, 4);
  if (attrs.missing === 'zero') (x.data as Float32Array)[0] = Number.NaN;
  return {
    name,
    node: { op: 'linearModel', attrs },
    inputs: [x],
    outputs: decisionShapes(rows, scores, decision).map((shape, i) =>
      plainType(decision.gives[i] === 'label' ? 'i32' : 'f32', shape),
    ),
  };
}

export const linearModelCases: readonly Case[] = [
  linearCase('f64, 3 classes', 4, 7, 3),
  linearCase('f32, bias first, missing', 3, 16, 5, { arithmetic: 'f32', biasFirst: true, missing: 'zero' }),
  linearCase('centred and divided', 2, 17, 4, { centre: doubles(5, 17), divisor: Float64Array.of(0.5, 2, 3, 4) }),
  linearCase('one feature, two classes', 7, 1, 1, {
    decision: { gives: ['transformed', 'label'], transform: 'binaryLogistic', label: 'positive', labels: [-1, 1] },
  }),
  linearCase('one versus rest', 2, 5, 6, {
    decision: { gives: ['transformed', 'label'], transform: 'normalisedLogistic', label: 'largest' },
  }),
];
