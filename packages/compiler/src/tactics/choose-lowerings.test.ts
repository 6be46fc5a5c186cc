import { describe, expect, it } from 'vitest';
import { valueAt } from '../graph/graph.ts';
import { add, index, int, mul } from '../kernel/expressions.ts';
import type { KernelArgument } from '../kernel/ir.ts';
import { buildKernel, type Writer } from '../kernel/writer.ts';
import { graphOfCases } from '../ops/cases/case.ts';
import { randomLayers } from '../ops/cases/random-layers.ts';
import { cortexM0plus } from '../targets/cortex-m0plus.ts';
import { cortexM4 } from '../targets/cortex-m4.ts';
import { chooseLowerings, type Optimize } from './choose-lowerings.ts';
import { plain } from './index.ts';
import { predictCost } from './predict-cost.ts';

const argument = (name: string, access: KernelArgument['access']): KernelArgument => ({
  name,
  type: 'i8',
  length: 64,
  space: 'argument',
  access,
});
const kernelOf = (write: (k: Writer) => void) =>
  buildKernel('kernel', '', [argument('x', 'read'), argument('y', 'write')], write);
const instructions = (write: (k: Writer) => void, target = cortexM4): number =>
  predictCost(kernelOf(write), target).instructions;
const x = argument('x', 'read');
const y = argument('y', 'write');

describe('predictCost', () => {
  it('counts what loops repeat', () => {
    const copy = (turns: number) => (k: Writer) => k.for('i', 0, turns, (i) => k.store(y, i, k.load(x, i)));
    const [ten, twenty] = [instructions(copy(10)), instructions(copy(20))];
    expect(twenty - ten).toBe(10 * 4);
  });

  it('takes the middle of a loop for bounds that follow an outer one', () => {
    const triangle = (k: Writer): void =>
      k.for('i', 0, 20, (i) => k.for('j', 0, i, (j) => k.store(y, j, k.load(x, j))));
    expect(instructions(triangle)).toBeGreaterThan(20 * 10 * 3);
    expect(instructions(triangle)).toBeLessThan(20 * 10 * 6);
  });

  it('weighs branches by how often the loops around take them', () => {
    const border = (turns: number) => (k: Writer) =>
      k.for('i', 0, turns, (i) =>
        k.if(
          { kind: 'binary', type: 'i32', op: 'lt', a: index(0), b: i },
          () => k.store(y, i, int(1)),
          () => k.for('j', 0, 60, (j) => k.store(y, j, k.load(x, j))),
        ),
      );
    // The long way once, the short way otherwise.
    const [few, many] = [instructions(border(5)), instructions(border(15))];
    expect(few).toBeGreaterThan(60 * 3);
    expect(few).toBeLessThan(60 * 5);
    expect(many - few).toBeLessThan(10 * 10);
  });

  it('knows what a target lacks', () => {
    const wide = (k: Writer): void => {
      const a: ReturnType<typeof int> = { kind: 'cast', type: 'i64', value: k.load(x, 0) };
      k.store(y, 0, { kind: 'cast', type: 'i32', value: mul(a, a) });
    };
    expect(instructions(wide, cortexM0plus)).toBeGreaterThan(instructions(wide) + 10);
  });

  it('counts bytes of constants and scratch apart from code', () => {
    const cost = predictCost(
      kernelOf((k) => {
        const table = k.constant('table', Int32Array.of(1, 2, 3));
        const scratch = k.scratch('scratch', 'i16', 10);
        k.store(scratch, 0, add(k.load(table, 0), k.load(x, 0)));
        k.store(y, 0, k.load(scratch, 0));
      }),
      cortexM4,
    );
    expect(cost.constantBytes).toBe(12);
    expect(cost.scratchBytes).toBe(20);
    expect(cost.codeBytes).toBeGreaterThan(8);
  });
});

describe('chooseLowerings', () => {
  const { graph } = graphOfCases('layers', randomLayers(3, 40));
  const choose = (optimize: Optimize, without: readonly string[] = []) =>
    chooseLowerings(graph, cortexM4, {
      optimize,
      without,
      rewrite: (kernel) => kernel,
    });
  const total = (optimize: Optimize, of: 'instructions' | 'constantBytes'): number =>
    choose(optimize).reduce((sum, { predicted }) => sum + predicted[of], 0);

  it('takes the fastest for speed, and no more instructions for balanced than for size', () => {
    for (const { predicted, options } of choose('speed'))
      expect(predicted.instructions).toBe(Math.min(...options.map((option) => option.predicted.instructions)));
    expect(total('speed', 'instructions')).toBeLessThanOrEqual(total('balanced', 'instructions'));
    expect(total('balanced', 'instructions')).toBeLessThanOrEqual(total('size', 'instructions'));
  });

  it('counts a routine that several layers share once', () => {
    const used = choose('balanced').filter(({ tactic }) => tactic === 'dsp-dot');
    expect(used.length).toBeGreaterThan(3);
    for (const { predicted } of used) expect(predicted.definitions.size).toBeGreaterThan(0);
  });

  it('leaves out what is named', () => {
    expect(choose('speed', ['dsp-dot']).some(({ tactic }) => tactic === 'dsp-dot')).toBe(false);
    const forced = choose('speed', [plain]);
    expect(forced.every(({ tactic, options }) => tactic !== plain || options.length === 1)).toBe(true);
  });

  it('lowers every node, in order', () => {
    choose('size').forEach(({ lowered }, n) => {
      const [id = -1] = graph.nodes[n]?.outputs ?? [];
      expect(lowered.values).toContain(id);
      expect(valueAt(graph, id).role).toBe('temporary');
    });
  });
});
