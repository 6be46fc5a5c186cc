// Placement against an independent optimum: the same problems as integer programs, solved by HiGHS.
import fc from 'fast-check';
import highsLoader from 'highs';
import { describe, expect, it } from 'vitest';
import { place } from './place.ts';
import type { Extent, Offsets, Problem, Relation } from './placement.ts';

// The package's types speak of an ES module, which it is not.
const highs = await (highsLoader as unknown as typeof highsLoader.default)();

/** Two blocks that live at the same time, and what a may do with b. */
interface Pair {
  readonly a: number;
  readonly b: number;
  /** From the begin of a to that of b at least, where a is below, and the other way round. */
  readonly aReach: number;
  readonly bReach: number;
  readonly sameStart: boolean;
}

function pairsOf({ blocks, relations }: Problem): readonly Pair[] {
  return blocks.flatMap((first, a) =>
    blocks.flatMap((second, b): Pair[] => {
      if (b <= a || first.to < second.from || second.to < first.from) return [];
      const relation = relations.get(a)?.find(({ x, y }) => x === b || y === b);
      return [
        {
          a,
          b,
          aReach: relation?.y === a ? relation.lead : first.bytes,
          bReach: relation?.y === b ? relation.lead : second.bytes,
          sameStart: relation?.sameStart ?? false,
        },
      ];
    }),
  );
}

/** The least height, from a mixed-integer program: of each pair one of the ways to stand holds. */
function optimumOf(problem: Problem): number {
  const { blocks } = problem;
  const big = 1 + blocks.reduce((total, { bytes }) => total + bytes, 0);
  const constraints = blocks.map(({ bytes }, n) => `h - x${n} >= ${bytes}`);
  const binaries: string[] = [];
  pairsOf(problem).forEach(({ a, b, aReach, bReach, sameStart }, n) => {
    const [below, above, same] = [`a${n}`, `b${n}`, `s${n}`];
    binaries.push(below, above, ...(sameStart ? [same] : []));
    constraints.push(`${below} + ${above}${sameStart ? ` + ${same}` : ''} >= 1`);
    constraints.push(`x${b} - x${a} - ${big} ${below} >= ${aReach - big}`);
    constraints.push(`x${a} - x${b} - ${big} ${above} >= ${bReach - big}`);
    if (sameStart) {
      constraints.push(`x${a} - x${b} - ${big} ${same} >= ${-big}`);
      constraints.push(`x${b} - x${a} - ${big} ${same} >= ${-big}`);
    }
  });
  const lines = ['Minimize', ' obj: h', 'Subject To', ...constraints.map((text, n) => ` c${n}: ${text}`)];
  if (binaries.length > 0) lines.push('Binary', ` ${binaries.join(' ')}`);
  const { ObjectiveValue, Status } = highs.solve([...lines, 'End'].join('\n'), { mip_rel_gap: 0 });
  expect(Status).toBe('Optimal');
  return Math.round(ObjectiveValue);
}

/** Blocks with random lives, and relations where one is born as another dies. */
const problems = (mostBlocks: number, mostLife: number) =>
  fc
    .array(
      fc.record({
        bytes: fc.integer({ min: 1, max: 12 }),
        from: fc.integer({ min: 0, max: 7 }),
        life: fc.integer({ min: 0, max: mostLife }),
        relates: fc.boolean(),
        lead: fc.integer({ min: 0, max: 12 }),
        sameStart: fc.boolean(),
      }),
      { minLength: 1, maxLength: mostBlocks },
    )
    .map((chosen): Problem => {
      const blocks = chosen.map(({ bytes, from, life }): Extent => ({ bytes, from, to: from + life }));
      const relations = new Map<number, Relation[]>();
      const related = new Set<number>();
      chosen.forEach(({ relates, lead, sameStart }, y) => {
        const x = blocks.findIndex(({ to }, other) => other !== y && to === blocks[y]?.from && !related.has(other));
        if (!relates || x < 0 || related.has(y)) return;
        related.add(x).add(y);
        const relation = { x, y, lead: Math.min(lead, blocks[y]?.bytes ?? 0), sameStart };
        for (const block of [x, y]) relations.set(block, [relation]);
      });
      return { blocks, relations };
    });

/** Blocks that live together are apart, but for what their relations state. */
function expectApart(problem: Problem, offsets: Offsets): void {
  const tooNear = pairsOf(problem).filter(({ a, b, aReach, bReach, sameStart }) => {
    const [x, y] = [offsets.get(a) ?? -1, offsets.get(b) ?? -1];
    return x + aReach > y && y + bReach > x && !(sameStart && x === y);
  });
  expect(tooNear).toEqual([]);
  expect(problem.blocks.every((_, n) => (offsets.get(n) ?? -1) >= 0)).toBe(true);
}

/** Bytes alive at one time, less all that relations could save: no placement needs less. */
const boundOf = ({ blocks, relations }: Problem): number =>
  Math.max(
    ...blocks.map(({ from: at }) =>
      blocks.reduce((total, { bytes, from, to }, n) => {
        const [relation] = at < from || at > to ? [] : (relations.get(n) ?? []);
        const other = relation && blocks[relation.x === n ? relation.y : relation.x];
        const saved =
          relation?.y === n && other && other.from <= at && at <= other.to ? Math.min(bytes, other.bytes) : 0;
        return at < from || at > to ? total : total + bytes - saved;
      }, 0),
    ),
  );

describe('place', () => {
  it('needs what the integer program needs, and proves it', () => {
    fc.assert(
      fc.property(problems(8, 4), (problem) => {
        const { offsets, bytes, lowerBound } = place(problem, boundOf(problem));
        expectApart(problem, offsets);
        expect([bytes, lowerBound]).toEqual([optimumOf(problem), bytes]);
      }),
      { seed: 11, numRuns: 150 },
    );
  });

  it('keeps 2,000 random problems apart, and within its own bounds', () => {
    fc.assert(
      fc.property(problems(18, 6), (problem) => {
        const { offsets, bytes, lowerBound } = place(problem, boundOf(problem));
        expectApart(problem, offsets);
        expect(bytes).toBe(Math.max(...problem.blocks.map((block, n) => (offsets.get(n) ?? 0) + block.bytes)));
        expect(lowerBound).toBeLessThanOrEqual(bytes);
      }),
      { seed: 12, numRuns: 2000 },
    );
  });

  it('comes near the bound with 300 tensors of any size and life', () => {
    const next = ((state: number) => () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    })(7);
    const blocks = Array.from({ length: 300 }, (_, n): Extent => {
      const from = Math.floor(n / 1.5);
      return { bytes: 16 * Math.ceil(256 * next() ** 3), from, to: from + 1 + Math.floor(12 * next() ** 2) };
    });
    const alive = Array.from({ length: 320 }, (_, at) =>
      blocks.reduce((total, { bytes, from, to }) => total + (from <= at && at <= to ? bytes : 0), 0),
    );
    const bound = Math.max(...alive);
    const problem = { blocks, relations: new Map() };
    const { offsets, bytes, lowerBound } = place(problem, bound);
    expectApart(problem, offsets);
    expect(lowerBound).toBeGreaterThanOrEqual(bound);
    expect(bytes).toBeLessThanOrEqual(1.02 * bound);
  });
});
