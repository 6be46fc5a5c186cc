// Changes of a model as plain data: what a careless converter, or someone of ill will, could write into a well-formed file.
// They reach what bytes turned at random hardly do: the importer, the operators' rules, lowering, planner and renderers.
import type { TfliteModel, TfliteSubgraph } from '../../packages/compiler/src/formats/tflite/model.ts';
import type { Draws } from './draws.ts';
import { withGraph, withOperator, withTensor } from './model-edits.ts';
import { appended, otherEnds, reconnected, reoptioned, reordered, withOperatorCode } from './mutate-operators.ts';
import {
  changedTensor,
  rebuffered,
  requantised,
  retyped,
  sizeEverywhere,
  typeEverywhere,
  withContents,
} from './mutate-tensors.ts';

/** Those that often leave a model of sense stand here more than once. */
export const modelKinds = [
  'size',
  'size',
  'sizeEverywhere',
  'sizeEverywhere',
  'sizeEverywhere',
  'rank',
  'type',
  'typeEverywhere',
  'scale',
  'scale',
  'scale',
  'zeroPoint',
  'zeroPoint',
  'quantisation',
  'variable',
  'buffer',
  'buffer',
  'contents',
  'contents',
  'edge',
  'edges',
  'option',
  'option',
  'option',
  'option',
  'options',
  'operatorCode',
  'operatorList',
  'append',
  'append',
  'append',
  'append',
  'append',
  'append',
  'ends',
  'text',
] as const;

export type ModelKind = (typeof modelKinds)[number];

const texts = [
  '',
  'int8',
  'uint32',
  'main',
  'while',
  '*/ #error',
  '\\',
  '??/',
  '"%s%n',
  '\u0000',
  'ä→𝄞',
  'x'.repeat(3000),
];

/** A changed copy of the model; the model itself where there is nothing of the kind to change. */
export function mutateModel(model: TfliteModel, kind: ModelKind, draws: Draws): TfliteModel {
  const [graph] = model.subgraphs;
  if (graph === undefined) return model;
  const tensorIndex = usedTensor(graph, draws);
  const operatorIndex = draws.below(graph.operators.length);
  const tensor = graph.tensors[tensorIndex];
  const operator = graph.operators[operatorIndex];
  switch (kind) {
    case 'size':
    case 'rank':
    case 'type':
    case 'variable':
      return tensor === undefined ? model : retyped(model, tensorIndex, changedTensor(tensor, kind, draws), draws);
    case 'sizeEverywhere':
      return tensor === undefined ? model : sizeEverywhere(model, tensor, draws);
    case 'typeEverywhere':
      return tensor === undefined ? model : typeEverywhere(model, tensor.type, draws);
    case 'scale':
    case 'zeroPoint':
    case 'quantisation':
      return tensor === undefined ? model : requantised(model, tensorIndex, kind, draws);
    case 'buffer':
      return rebuffered(model, tensorIndex, draws);
    case 'contents':
      return withContents(model, draws);
    case 'edge':
    case 'edges':
      return operator === undefined
        ? model
        : withOperator(model, operatorIndex, reconnected(operator, graph, kind, draws));
    case 'option':
    case 'options':
      return operator === undefined
        ? model
        : withOperator(model, operatorIndex, reoptioned(operator, graph, kind, draws));
    case 'operatorCode':
      return withOperatorCode(model, draws);
    case 'operatorList':
      return withGraph(model, { operators: reordered(graph.operators, draws) });
    case 'append':
      return appended(model, graph, draws);
    case 'ends':
      return withGraph(model, otherEnds(graph, draws));
    case 'text': {
      const text = draws.oneOf(texts) ?? '';
      return draws.chance(50) || tensor === undefined
        ? { ...model, description: text }
        : withTensor(model, tensorIndex, { ...tensor, name: text });
    }
  }
}

/** Mostly a tensor that an operator reads or writes. */
function usedTensor(graph: TfliteSubgraph, draws: Draws): number {
  const operator = draws.oneOf(graph.operators);
  const used = operator === undefined ? [] : [...operator.inputs, ...operator.outputs].filter((index) => index >= 0);
  return draws.chance(5) ? draws.below(graph.tensors.length) : (draws.oneOf(used) ?? 0);
}
