// The public API of the compiler: bytes → graph → artifact, and a model that runs here. Nothing else is public.
export { adaptModel, integerTypes, type ModelOptions } from './adapt-model.ts';
export { chainModels } from './chain-models.ts';
export {
  type Artifact,
  type CArtifact,
  type CompileOptions,
  checkIdeas,
  compile,
  ideas,
  type Optimize,
  resolveTarget,
  type WasmArtifact,
} from './compile.ts';
export { CompileError, explain, type Issue, type Where } from './errors.ts';
export { readModel } from './formats/index.ts';
export type { Original, Value, ValueId } from './graph/graph.ts';
export {
  type InstructionKind,
  type InstructionMix,
  instructionKinds,
  instructionsOf,
  mixFrom,
} from './kernel/instruction-mix.ts';
export { type LoadedModel, type LoadedTensor, load } from './load.ts';
export { evaluateGraph } from './ops/evaluate-graph.ts';
export type { Graph, OpName, OpNode } from './ops/index.ts';
export { ops } from './ops/index.ts';
export { interpretGraph } from './ops/interpret-graph.ts';
export { macsOf } from './ops/macs-of.ts';
export type { PassReport, RemovedNode } from './passes/index.ts';
export { type Block, type Plan, planMemory } from './plan/plan-memory.ts';
export { type QuantisedFeatures, quantiseFeatures } from './quantise-features.ts';
export { prefixOf } from './render/c/names.ts';
export type { Port, Program } from './render/program.ts';
export type { LayerReport, Report } from './report.ts';
export { tacticNames } from './tactics/index.ts';
export type { Execution } from './tactics/predict-cost.ts';
export { targets } from './targets/index.ts';
export type { CTarget, Target, WasmTarget } from './targets/target.ts';
export { bytesOf, type Data, type DType, dataFromBytes, dtypeBytes } from './tensor/dtype.ts';
export { takeAlong } from './tensor/take.ts';
export { describeType, elementsOf, type Quantisation, type Tensor, type TensorType } from './tensor/tensor.ts';
