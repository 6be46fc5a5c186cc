import { expect, it } from 'vitest';
import { checkGraph } from '../check-graph.ts';
import { evaluateGraph } from '../evaluate-graph.ts';
import { interpretGraph } from '../interpret-graph.ts';
import { graphOfCases } from './case.ts';
import { randomLayers } from './random-layers.ts';

const layers = randomLayers(5, 100);

it('are sound layers, whose loops equal their definitions', () => {
  const { graph, inputs } = graphOfCases('random', layers);
  expect(checkGraph(graph)).toEqual([]);
  const [defined, interpreted] = [evaluateGraph(graph, inputs), interpretGraph(graph, inputs)];
  for (const id of graph.outputs) expect(interpreted.get(id)).toEqual(defined.get(id));
});

it('are mostly not saturated', () => {
  const { graph, inputs } = graphOfCases('random', layers);
  const values = evaluateGraph(graph, inputs);
  const varied = graph.outputs.filter((id) => new Set(Array.from(values.get(id) ?? [], Number)).size > 3);
  expect(varied.length).toBeGreaterThan(layers.length / 2);
});

it('are the same for the same seed', () => {
  expect(randomLayers(5, 10)).toEqual(randomLayers(5, 10));
});
