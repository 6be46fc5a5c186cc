// Trees of any file → one Forest: nodes in depth-first order, without recursion, each checked as it comes. Leaves with equal entries
// are one.
import type { Forest } from '../../ops/forest.ts';

/** A node as a file has it; children by their numbers in the file. */
export type SourceNode =
  | { readonly leaf: readonly (readonly [score: number, value: number])[] }
  /** Asks whether the feature is exactly a number; missing ones go to `whenTrue` or not. */
  | {
      readonly feature: number;
      readonly equals: number;
      readonly missing: boolean;
      readonly whenTrue: number;
      readonly whenFalse: number;
    }
  | {
      readonly feature: number;
      /** x <= threshold goes to `whenTrue`. */
      readonly threshold: number;
      /** Instead of the threshold: the categories that go to `whenTrue`. */
      readonly categories?: Uint32Array;
      readonly missing: boolean;
      readonly whenTrue: number;
      readonly whenFalse: number;
    };

const scratch = new DataView(new ArrayBuffer(4));

/** The float before a float, in order. */
export function floatBefore(value: number): number {
  if (value === 0) return -1.401298464324817e-45;
  scratch.setFloat32(0, value);
  scratch.setInt32(0, scratch.getInt32(0) + (value > 0 ? -1 : 1));
  return scratch.getFloat32(0);
}

/** The largest float that is not above a double: x <= it exactly if x <= the double, for every float x. */
export function floatNotAbove(value: number): number {
  const nearest = Math.fround(value);
  return nearest > value ? floatBefore(nearest) : nearest;
}

/** For `x < t` on floats, the u for which that is `x <= u`. */
export const floatBelow = (value: number): number => {
  const floor = floatNotAbove(value);
  return floor < value ? floor : floatBefore(floor);
};

/** Where a link to a node goes: a column, and a place in it. */
interface Place {
  readonly column: number[];
  readonly at: number;
}

interface Open {
  readonly node: number;
  readonly places: readonly Place[];
}

export class ForestBuilder {
  readonly #features: number;
  readonly #scores: number;
  readonly #roots: number[] = [];
  readonly #feature: number[] = [];
  readonly #threshold: number[] = [];
  readonly #whenTrue: number[] = [];
  readonly #whenFalse: number[] = [];
  readonly #missing: number[] = [];
  readonly #categories = new Map<number, Uint32Array>();
  readonly #firstEntry: number[] = [0];
  readonly #entryScore: number[] = [];
  readonly #entryValue: number[] = [];
  readonly #leaves = new Map<string | number, number>();
  readonly #single = new Map<number, Map<string | number, number>>();

  constructor(features: number, scores: number) {
    this.#features = features;
    this.#scores = scores;
  }

  /** Adds a tree of so many nodes, or of nodes that are new each time they are asked for; gives the first thing that is wrong with it. */
  addTree(nodes: number | 'new', root: number, nodeAt: (node: number) => SourceNode): string | undefined {
    const seen = nodes === 'new' ? undefined : new Uint8Array(nodes);
    const open: Open[] = [{ node: root, places: [{ column: this.#roots, at: this.#roots.length }] }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { node, places } = next;
      const put = (link: number): void => {
        for (const { column, at } of places) column[at] = link;
      };
      if (nodes !== 'new' && !(Number.isInteger(node) && node >= 0 && node < nodes))
        return `there is no node ${node}, only ${nodes}`;
      const source = nodeAt(node);
      if ('leaf' in source) {
        const bad = source.leaf.find(([score, value]) => score < 0 || score >= this.#scores || !Number.isFinite(value));
        if (bad !== undefined) return `leaf ${node} adds ${bad[1]} to score ${bad[0]} of ${this.#scores}`;
        put(~this.#leaf(source.leaf));
        continue;
      }
      if (seen?.[node] === 1) return `node ${node} is reached twice: the nodes form no tree`;
      if (seen !== undefined) seen[node] = 1;
      const { feature, whenTrue, whenFalse, missing } = source;
      if (!Number.isInteger(feature) || feature < 0 || feature >= this.#features)
        return `node ${node} looks at feature ${feature} of ${this.#features}`;
      const own = this.#feature.length;
      put(own);
      // The last in is the first out: what goes in last follows its parent.
      if ('equals' in source) {
        const { equals } = source;
        if (Number.isNaN(equals)) return `node ${node} has no number to compare with: it is NaN`;
        // x <= the number, and not x <= the float before it. No float equals a number that is none.
        const isFloat = Math.fround(equals) === equals;
        this.#addNode(feature, isFloat ? equals : Number.NEGATIVE_INFINITY, missing);
        this.#addNode(feature, isFloat ? floatBefore(equals) : Number.NEGATIVE_INFINITY, false);
        this.#whenTrue[own] = own + 1;
        const others: Place[] = [
          { column: this.#whenFalse, at: own },
          { column: this.#whenTrue, at: own + 1 },
        ];
        open.push({ node: whenFalse, places: others });
        open.push({ node: whenTrue, places: [{ column: this.#whenFalse, at: own + 1 }] });
        continue;
      }
      if (source.categories === undefined && Number.isNaN(source.threshold))
        return `node ${node} has no threshold: it is NaN`;
      this.#addNode(feature, source.categories === undefined ? source.threshold : 0, missing);
      if (source.categories !== undefined) this.#categories.set(own, source.categories);
      open.push({ node: whenFalse, places: [{ column: this.#whenFalse, at: own }] });
      open.push({ node: whenTrue, places: [{ column: this.#whenTrue, at: own }] });
    }
    return undefined;
  }

  #addNode(feature: number, threshold: number, missing: boolean): void {
    this.#feature.push(feature);
    this.#threshold.push(threshold);
    this.#missing.push(Number(missing));
    this.#whenTrue.push(-1);
    this.#whenFalse.push(-1);
  }

  #leaf(entries: readonly (readonly [number, number])[]): number {
    const [first] = entries;
    const isOne = entries.length === 1 && first !== undefined && !Object.is(first[1], -0);
    const leaves = isOne ? this.#leavesOf(first[0]) : this.#leaves;
    const key = isOne
      ? first[1]
      : entries.map(([score, value]) => `${score}:${Object.is(value, -0) ? '-0' : value}`).join();
    const known = leaves.get(key);
    if (known !== undefined) return known;
    const leaf = this.#firstEntry.length - 1;
    leaves.set(key, leaf);
    for (const [score, value] of entries) {
      this.#entryScore.push(score);
      this.#entryValue.push(value);
    }
    this.#firstEntry.push(this.#entryScore.length);
    return leaf;
  }

  /** Leaves that add one number to a score, by that number. */
  #leavesOf(score: number): Map<string | number, number> {
    const known = this.#single.get(score) ?? new Map<string | number, number>();
    this.#single.set(score, known);
    return known;
  }

  build(): Forest {
    return {
      features: this.#features,
      scores: this.#scores,
      roots: Int32Array.from(this.#roots),
      feature: Int32Array.from(this.#feature),
      threshold: Float32Array.from(this.#threshold),
      whenTrue: Int32Array.from(this.#whenTrue),
      whenFalse: Int32Array.from(this.#whenFalse),
      missing: Uint8Array.from(this.#missing),
      categories: this.#categories,
      firstEntry: Int32Array.from(this.#firstEntry),
      entryScore: Int32Array.from(this.#entryScore),
      entryValue: Float64Array.from(this.#entryValue),
    };
  }
}
