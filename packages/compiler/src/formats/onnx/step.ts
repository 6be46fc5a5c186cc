// One operator of an ONNX chain while it is converted: its attributes, checked, and the graph it adds nodes to.
import type { Issue, Where } from '../../errors.ts';
import type { ValueId } from '../../graph/graph.ts';
import type { TabularGraph } from '../trees/tabular-graph.ts';
import type { OnnxNode } from './model.ts';

/** A tensor, and its columns; 0 where it is no row of features. */
export interface Stage {
  readonly value: ValueId;
  readonly features: number;
}

/** Adds nodes for an operator; its outputs in order. */
export type Conversion = (step: OnnxStep) => readonly (Stage | undefined)[];

export class OnnxStep {
  readonly graph: TabularGraph;
  readonly name: string;
  readonly input: ValueId;
  readonly features: number;
  readonly outputs: readonly string[];
  readonly op: string;
  readonly #node: OnnxNode;
  readonly #where: Where;
  readonly #issues: Issue[];

  constructor(graph: TabularGraph, node: OnnxNode, name: string, source: Stage, where: Where, issues: Issue[]) {
    this.graph = graph;
    this.name = name;
    this.input = source.value;
    this.features = source.features;
    this.outputs = node.outputs;
    this.op = node.op;
    this.#node = node;
    this.#where = { ...where, node: name, byte: node.byte };
    this.#issues = issues;
  }

  fault(what: string, want: string, found: string, help?: string): void {
    this.#issues.push({
      code: 'bad-value',
      where: this.#where,
      what,
      want,
      found,
      ...(help === undefined ? {} : { help }),
    });
  }

  unsupported(what: string, found: string, help?: string): void {
    this.#issues.push({
      code: 'unsupported',
      where: this.#where,
      what,
      found,
      ...(help === undefined ? {} : { help }),
    });
  }

  has(name: string): boolean {
    return this.#node.attributes.has(name);
  }

  text(name: string, otherwise: string): string {
    return this.#node.attributes.get(name)?.text ?? otherwise;
  }

  float(name: string, otherwise: number): number {
    return this.#node.attributes.get(name)?.float ?? otherwise;
  }

  integer(name: string, otherwise: number): number {
    return this.#node.attributes.get(name)?.integer ?? otherwise;
  }

  integers(name: string): readonly number[] {
    return this.#node.attributes.get(name)?.integers ?? [];
  }

  texts(name: string): readonly string[] {
    return this.#node.attributes.get(name)?.texts ?? [];
  }

  /** Floats, or the doubles of a tensor that newer files have in their place. */
  floats(name: string): readonly number[] {
    const own = this.#node.attributes.get(name);
    return own?.tensor?.numbers ?? own?.floats ?? this.#node.attributes.get(`${name}_as_tensor`)?.tensor?.numbers ?? [];
  }

  /** A list of so many. */
  many(name: string, length: number): readonly number[] {
    const floats = this.floats(name);
    const found = floats.length > 0 ? floats : this.integers(name);
    if (found.length !== length) this.fault(name, `${length} numbers`, String(found.length));
    return found;
  }

  /** Whole class labels; undefined for texts, whose positions stand for them. */
  labels(): { readonly classes: number; readonly labels?: readonly number[] } {
    const integers = [this.integers('classlabels_int64s'), this.integers('classlabels_ints')].find(
      (list) => list.length > 0,
    );
    if (integers === undefined) return { classes: this.texts('classlabels_strings').length };
    return { classes: integers.length, labels: integers };
  }
}
