import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { explain } from '../errors.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { type Case, fed, graphOfCases, known, plainType } from './cases/case.ts';
import { checkGraph } from './check-graph.ts';
import { evaluateGraph } from './evaluate-graph.ts';
import { interpretGraph } from './interpret-graph.ts';
import { checkWindow, samePadding, type WindowAttrs, windowAxes } from './window.ts';

const attrs: WindowAttrs = {
  strideH: 1,
  strideW: 1,
  dilationH: 1,
  dilationW: 1,
  padding: { top: 0, bottom: 0, left: 0, right: 0 },
};

/** What checkWindow complains of over x, for a kernel of rows x 1. */
function complaints(x: readonly number[], rows: number, changed: Partial<WindowAttrs>): readonly string[] {
  const found: string[] = [];
  const good = checkWindow(x, { ...attrs, ...changed }, rows, 1, (what) => found.push(what));
  expect(good).toBe(found.length === 0);
  return found;
}

describe('a window', () => {
  it('over more padded elements than an index reaches is refused', () => {
    const padding = { top: 65535, bottom: 0, left: 0, right: 0 };
    expect(complaints([1, 1, 181, 181], 65536 - 1, { padding })).toEqual([]);
    expect(complaints([1, 1, 182, 182], 65536 - 1, { padding })).toEqual(['elements of the padded input']);
  });

  it('with steps that are none is refused for these alone, not for the padding that followed from them', () => {
    const [top, bottom] = samePadding(4, 3, 0, 1);
    const padding = { top, bottom, left: 0, right: 0 };
    expect(complaints([1, 4, 4, 1], 3, { strideH: 0, padding })).toEqual(['stride (rows)']);
  });

  it('of one tap has no dilation, whatever it is called', () => {
    const [rows] = windowAxes([1, 4, 4, 1], 1, 1, { ...attrs, dilationH: 65535 });
    expect(rows).toMatchObject({ dilation: 1, outputs: 4 });
  });
});

it('a depthwise kernel of one row dilated by 65535 over wide rows compiles, and is exact', () => {
  const type = (...shape: number[]): TensorType => plainType('f32', shape);
  const one: Case = {
    name: 'wide',
    node: { op: 'depthwiseConv2d', attrs: { ...attrs, dilationH: 65535, activation: 'none' } },
    inputs: [fed(type(1, 2, 9, 4000), 1), known(type(1, 1, 2, 4000), 2), undefined],
    outputs: [type(1, 2, 8, 4000)],
  };
  const { graph, inputs } = graphOfCases('wide', [one]);
  expect(checkGraph(graph).map(explain)).toEqual([]);
  expect(compile(graph, { target: 'host' }).kind).toBe('c');
  const [id = 0] = graph.outputs;
  const [wanted, found] = [evaluateGraph, interpretGraph].map((run) => run(graph, inputs).get(id));
  const largest = 2e6;
  expect(found?.every((value, i) => Math.abs(Number(value) - Number(wanted?.[i])) <= 1e-5 * largest)).toBe(true);
});
