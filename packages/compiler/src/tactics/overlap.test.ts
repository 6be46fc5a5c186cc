// What tactics state about overlapping is run: the output over its own input, as near as stated, gives what separate memory gives.
import { describe, expect, it } from 'vitest';
import { valueAt } from '../graph/graph.ts';
import { interpret } from '../kernel/interpret.ts';
import { graphOfCases } from '../ops/cases/case.ts';
import { randomLayers, tallLayers } from '../ops/cases/random-layers.ts';
import { evaluateGraph } from '../ops/evaluate-graph.ts';
import { lowerNode } from '../ops/lower-node.ts';
import { targets } from '../targets/index.ts';
import { bytesOf } from '../tensor/dtype.ts';
import { candidatesOf } from './index.ts';

const layers = [...randomLayers(23, 250), ...tallLayers()];

/** The tactics that were run over their own inputs, by how. */
function runOverlapped(targetName: string): ReadonlyMap<string, number> {
  const target = targets.find(({ name }) => name === targetName);
  if (target === undefined) throw new Error(targetName);
  const seen = new Map<string, number>();
  for (const layer of layers) {
    const { graph, inputs } = graphOfCases('overlap', [layer]);
    const [node] = graph.nodes;
    const [yId = -1] = node?.outputs ?? [];
    if (node === undefined) throw new Error('no node');
    const expected = evaluateGraph(graph, inputs).get(yId);
    const yBytes = expected?.length ?? 0;
    for (const { tactic, lower, overlap } of candidatesOf(graph, node, target)) {
      if (overlap === undefined) continue;
      const { kernel, values } = lowerNode(graph, node, 'layer', lower);
      const xId = node.inputs[overlap.input];
      const x = bytesOf(inputs[0] ?? new Int8Array(0));
      const lead = Math.min(overlap.leadBytes, yBytes);
      for (const [how, xAt, yAt] of [
        ['lead', lead, 0],
        ['further', lead + 3, 0],
        ...(overlap.sameStart ? ([['start', 0, 0]] as const) : []),
      ] as const) {
        const arena = new Int8Array(Math.max(xAt + x.length, yBytes)).fill(85);
        arena.set(x, xAt);
        const args = values.map((id) =>
          id === xId ? arena.subarray(xAt, xAt + x.length) : arena.subarray(yAt, yAt + yBytes),
        );
        interpret(kernel, args);
        const where = `${tactic}, ${layer.name}, ${valueAt(graph, yId).type.shape.join('x')}, ${how} ${xAt}`;
        expect(arena.subarray(yAt, yAt + yBytes), where).toEqual(expected);
        seen.set(`${tactic} ${how}`, (seen.get(`${tactic} ${how}`) ?? 0) + 1);
      }
    }
  }
  return seen;
}

describe('stated overlaps hold', () => {
  it('on cores with dual multiply-accumulates', () => {
    const seen = runOverlapped('cortex-m4');
    expect(seen.get('dsp-dot lead')).toBeGreaterThan(80);
    expect(seen.get('dsp-depthwise-plane start')).toBeGreaterThan(10);
  });

  it('on cores with vector registers', () => {
    const seen = runOverlapped('cortex-m55');
    expect(seen.get('mve-dot lead')).toBeGreaterThan(150);
    expect(seen.get('mve-depthwise start')).toBeGreaterThan(10);
  });

  it('on cores whose multiplications are of 32 bits', () => {
    const seen = runOverlapped('cortex-m0plus');
    expect(seen.get('triple-dot lead')).toBeGreaterThan(80);
    expect(seen.get('triple-slide start')).toBeGreaterThan(10);
  });
});
