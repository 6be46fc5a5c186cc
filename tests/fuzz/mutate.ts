// Mutants: a seed model and what is done to it, as fast-check draws it; from these few numbers the file follows, always the
// same. Changes of the plain data come first, then, where the mutant has any, damage to the written bytes.
import fc from 'fast-check';
import { CompileError } from '../../packages/compiler/src/errors.ts';
import { readModel } from '../../packages/compiler/src/formats/index.ts';
import type { TfliteModel } from '../../packages/compiler/src/formats/tflite/model.ts';
import { writeTfliteModel } from '../../packages/compiler/src/formats/tflite/write.ts';
import { createDraws } from './draws.ts';
import { type ByteKind, byteKinds, mutateBytes } from './mutate-bytes.ts';
import { type ModelKind, modelKinds, mutateModel } from './mutate-model.ts';
import type { SeedGroup, SeedModel } from './seed-models.ts';

interface Change<Kind> {
  readonly kind: Kind;
  /** What the change draws its choices from. */
  readonly seed: number;
}

/** What fast-check draws; numbers are taken modulo what there is to choose from. */
export interface Mutant {
  readonly group: number;
  readonly seed: number;
  readonly modelChanges: readonly Change<ModelKind>[];
  readonly byteChanges: readonly Change<ByteKind>[];
  /** Declared shapes are made to follow a changed input, weight or option through the layers. */
  readonly followShapes: boolean;
}

const number = fc.noBias(fc.nat());

const changes = <Kind extends string>(kinds: readonly Kind[], most: number) =>
  fc.array(fc.record({ kind: fc.constantFrom(...kinds), seed: number }), {
    minLength: 1,
    maxLength: most,
    size: 'max',
  });

const none = fc.constant([]);
const mostly = fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });

export const mutants: fc.Arbitrary<Mutant> = fc.oneof(
  {
    weight: 25,
    arbitrary: fc.record({
      group: number,
      seed: number,
      modelChanges: none,
      byteChanges: changes(byteKinds, 3),
      followShapes: fc.constant(false),
    }),
  },
  {
    weight: 67,
    arbitrary: fc.record({
      group: number,
      seed: number,
      modelChanges: changes(modelKinds, 3),
      byteChanges: none,
      followShapes: mostly,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      group: number,
      seed: number,
      modelChanges: changes(modelKinds, 2),
      byteChanges: changes(byteKinds, 1),
      followShapes: mostly,
    }),
  },
);

/** The seed a mutant is made from. */
export function seedOf(mutant: Mutant, groups: readonly SeedGroup[]): SeedModel {
  let share = mutant.group % groups.reduce((total, group) => total + group.share, 0);
  for (const group of groups) {
    const seed = group.seeds[mutant.seed % group.seeds.length];
    if (share < group.share && seed !== undefined) return seed;
    share -= group.share;
  }
  throw new Error('there are no seeds');
}

/** The mutant's file. */
export function bytesOfMutant(mutant: Mutant, groups: readonly SeedGroup[]): Uint8Array {
  const seed = seedOf(mutant, groups);
  let { bytes } = seed;
  if (mutant.modelChanges.length > 0) {
    const changed = mutant.modelChanges.reduce(writableChange, seed.model);
    const model = mutant.followShapes ? withFollowingShapes(changed) : changed;
    bytes = writeTfliteModel(model);
  }
  return mutant.byteChanges.reduce(
    (damaged, { kind, seed: own }) => mutateBytes(damaged, seed, kind, createDraws(own)),
    bytes,
  );
}

/** A change whose result no file can hold is left out. */
function writableChange(model: TfliteModel, { kind, seed }: Change<ModelKind>): TfliteModel {
  const changed = mutateModel(model, kind, createDraws(seed));
  try {
    writeTfliteModel(changed);
    return changed;
  } catch (error) {
    if (error instanceof CompileError) return model;
    throw error;
  }
}

/** Layers through which shapes are followed. */
const mostRounds = 24;

/** The model with each output declared in the shape that its operator gives, as far as refusals tell it. */
function withFollowingShapes(model: TfliteModel): TfliteModel {
  let current = model;
  for (let round = 0; round < mostRounds; round += 1) {
    const next = withToldShapes(current);
    if (next === undefined) break;
    current = next;
  }
  return current;
}

function withToldShapes(model: TfliteModel): TfliteModel | undefined {
  const [graph, ...others] = model.subgraphs;
  if (graph === undefined) return undefined;
  const shapes = new Map<number, readonly number[]>();
  try {
    readModel(writeTfliteModel(model));
  } catch (error) {
    if (!(error instanceof CompileError)) return undefined;
    for (const issue of error.issues) {
      if (issue.code !== 'bad-value') continue;
      const operator = graph.operators[Number.parseInt(issue.where.node ?? '', 10)];
      const output = /^shape of output (\d+)$/.exec(issue.what)?.[1];
      const index = operator?.outputs[Number(output ?? 0)];
      if (index === undefined) continue;
      const elements = /^(\d+), as many as the input has/.exec(issue.want)?.[1];
      if (output !== undefined) shapes.set(index, issue.want.match(/-?\d+/g)?.map(Number) ?? []);
      else if (elements !== undefined) shapes.set(index, [1, Number(elements)]);
    }
  }
  if (shapes.size === 0) return undefined;
  const tensors = graph.tensors.map((tensor, index) => {
    const shape = shapes.get(index);
    if (shape === undefined) return tensor;
    const { shapeSignature: _, ...plain } = tensor;
    return { ...plain, shape };
  });
  const followed = { ...model, subgraphs: [{ ...graph, tensors }, ...others] };
  try {
    writeTfliteModel(followed);
    return followed;
  } catch (error) {
    // A shape that does not fit its field: the mutant stays as it is.
    if (error instanceof CompileError) return undefined;
    throw error;
  }
}
