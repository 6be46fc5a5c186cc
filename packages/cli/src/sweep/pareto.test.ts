// Amounts of memory that are tried, points that no other beats, and the figure of them.
import { describe, expect, it } from 'vitest';
import { type Build, between, onFront } from './pareto.ts';
import { paretoFigure } from './pareto-figure.ts';

const costs = (arenaBytes: number, instructions: number, flashBytes: number) => ({
  arenaBytes,
  instructions,
  flashBytes,
});
const build = (optimize: string, ...numbers: Parameters<typeof costs>): Build => ({
  ...costs(...numbers),
  name: optimize,
  optimize,
  ramBytes: undefined,
  codeBytes: 1,
  front: true,
});

describe('the front', () => {
  it('is what no other point beats in all three', () => {
    expect(onFront([costs(1, 9, 9), costs(9, 1, 9), costs(9, 9, 1), costs(9, 9, 9)])).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect(onFront([costs(1, 1, 2), costs(1, 1, 1)])).toEqual([false, true]);
  });

  it('keeps points that are equal', () => {
    expect(onFront([costs(1, 1, 1), costs(1, 1, 1)])).toEqual([true, true]);
    expect(onFront([])).toEqual([]);
  });
});

it('amounts of memory between two are in even ratios', () => {
  expect(between(100, 800, 2)).toEqual([200, 400]);
  expect(between(100, 101, 2)).toEqual([]);
  expect(between(100, 100, 2)).toEqual([]);
});

describe('the figure', () => {
  const builds = [build('speed', 40000, 5e6, 52000), build('size', 28000, 7e6, 42000)];
  const peers = [
    { name: 'an <engine> & more', arenaBytes: 100000, instructions: 2e7 },
    { name: 'unknown', arenaBytes: 5 },
  ];
  const figure = paretoFigure('a "model"', builds, peers);

  it('is the same every time, and shows names as text', () => {
    expect(paretoFigure('a "model"', builds, peers)).toBe(figure);
    expect(figure).toContain('an &lt;engine&gt; &amp; more');
    expect(figure).toContain('a &quot;model&quot;');
    expect(figure).not.toContain('NaN');
    expect(figure).not.toContain('Infinity');
  });

  it('has a mark for each point that has both numbers', () => {
    expect(figure.match(/<title>/g)).toHaveLength(3);
    expect(figure).not.toContain('unknown');
    expect(figure).toContain('speed: 40,000 bytes of RAM, 5,000,000 instructions, 52,000 bytes of flash');
  });

  it('can be of one build alone', () => {
    const alone = paretoFigure('one', builds.slice(0, 1), []);
    expect(alone).not.toContain('NaN');
    expect(alone).not.toContain('Infinity');
  });
});
