import { expect, it } from 'vitest';
import { explain } from '../errors.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { fed, graphOfCases, int8, plainType } from './cases/case.ts';
import { checkGraph } from './check-graph.ts';

it.each<readonly [string, TensorType, RegExp]>([
  ['another scale', int8([1, 4], 1 / 128, -128), /expected 1\/256 and -128, found 0.0078125 and -128$/],
  ['another zero point', int8([1, 4], 1 / 256, 0), /expected 1\/256 and -128, found 0.00390625 and 0$/],
  ['no quantisation', plainType('i8', [1, 4]), /expected 1\/256 and -128, found none$/],
])('softmax to int8 of %s is refused, and what was found is told', (_, y, message) => {
  const { graph } = graphOfCases('softmax', [
    { name: 'x', node: { op: 'softmax', attrs: { beta: 1 } }, inputs: [fed(int8([1, 4]), 1)], outputs: [y] },
  ]);
  const texts = checkGraph(graph).map(explain);
  expect(texts).toHaveLength(1);
  expect(texts[0]).toMatch(message);
});
