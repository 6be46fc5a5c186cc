// All passes together: random networks compute the same before and after, every value that is left and every constant.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { int8 } from '../ops/cases/case.ts';
import { checkGraph } from '../ops/check-graph.ts';
import { evaluateGraph } from '../ops/evaluate-graph.ts';
import { channelRanges } from './channel-ranges.ts';
import { optimiseGraph, passNames } from './index.ts';
import { Network, whole } from './testing/network.ts';
import { randomInputs, randomNetwork } from './testing/random-network.ts';
import { differences } from './testing/same-results.ts';

describe('random networks', () => {
  const seeds = fc.tuple(fc.nat({ max: 2 ** 30 }), fc.nat({ max: 2 ** 30 }));

  it('compute the same after all passes, and after each of them alone', () => {
    const effects = new Map<string, number>();
    fc.assert(
      fc.property(seeds, ([network, inputs]) => {
        const graph = randomNetwork(network);
        expect(checkGraph(graph)).toEqual([]);
        const untouched = structuredClone(graph);
        const optimised = optimiseGraph(graph);
        expect(graph).toEqual(untouched);
        for (let i = 0; i < 3; i += 1)
          expect(differences(graph, optimised.graph, randomInputs(graph, inputs + i))).toEqual([]);
        for (const name of passNames) {
          const alone = optimiseGraph(graph, { without: passNames.filter((other) => other !== name) });
          if (alone.graph === graph) continue;
          effects.set(name, (effects.get(name) ?? 0) + 1);
          expect(differences(graph, alone.graph, randomInputs(graph, inputs))).toEqual([]);
        }
      }),
      { seed: 5, numRuns: 500 },
    );
    // Constants do not arise in these networks.
    const found = passNames.filter((name) => (effects.get(name) ?? 0) >= 20);
    expect(found).toEqual(passNames.filter((name) => name !== 'fold-constants'));
  });

  it('stay within the ranges of their channels', () => {
    fc.assert(
      fc.property(seeds, ([network, seed]) => {
        const graph = randomNetwork(network);
        const ranges = channelRanges(graph);
        const results = evaluateGraph(graph, randomInputs(graph, seed));
        for (const [id, data] of results) {
          const own = ranges.get(id);
          const outside = Array.from(data, Number).findIndex((element, i) => {
            const [low, high] = own?.[i % own.length] ?? [element, element];
            return element < low || element > high;
          });
          expect([graph.values[id]?.name, outside]).toEqual([graph.values[id]?.name, -1]);
        }
      }),
      { seed: 6, numRuns: 500 },
    );
  });
});

describe('optimiseGraph', () => {
  it('tells what each pass took out, and which nodes of the model are gone', () => {
    const net = new Network();
    const x = net.input(int8([1, 1, 1, 2]));
    const w = net.constant(int8([3, 1, 1, 2]), Int8Array.of(1, 2, 0, 0, 3, 4));
    const attrs = { ...whole, activation: 'none' } as const;
    const hidden = net.node({ op: 'conv2d', attrs }, [x, w, net.bias([0, 8, 0])]);
    const flat = net.node({ op: 'reshape', attrs: { shape: [1, 3] } }, [hidden]);
    const rows = net.constant(int8([2, 3]), Int8Array.of(1, 2, 3, 4, 5, 6));
    const y = net.node({ op: 'fullyConnected', attrs: { activation: 'none', keepDims: false } }, [flat, rows]);
    const { graph, passes: reports, removed } = optimiseGraph(net.graph([y]));
    expect(removed).toEqual([{ layer: 1, op: 'reshape', from: '1 (reshape)', macs: 0, by: 'fold-reshape' }]);
    expect(reports.filter(({ nodes, channels }) => nodes > 0 || channels > 0)).toMatchObject([
      { name: 'fold-reshape', nodes: 1, channels: 0, weights: 0, macs: 0 },
      { name: 'eliminate-channels', nodes: 0, channels: 1, weights: 4, macs: 4 },
    ]);
    expect(graph.nodes.map(({ op }) => op)).toEqual(['conv2d', 'fullyConnected']);
  });

  it('is the graph itself where there is nothing to do, or all is left out', () => {
    const net = new Network();
    const y = net.node({ op: 'relu', attrs: {} }, [net.input(int8([4], 0.5, 0))], int8([], 0.5, 0));
    const graph = net.graph([y]);
    expect(optimiseGraph(graph).graph).toBe(graph);
    const other = randomNetwork(3);
    expect(optimiseGraph(other).graph).not.toBe(other);
    expect(optimiseGraph(other, { without: passNames }).graph).toBe(other);
  });
});
