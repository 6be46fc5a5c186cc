// The public API of verify: runners of compiled models behind one interface, and checks of generated C.
export { type Board, type BoardName, boards } from './boards.ts';
export { checkHeaderFromCpp, checkWarnings, type SourceCheck } from './check-source.ts';
export type { BenchOptions } from './cost/bench-job.ts';
export { benchModel } from './cost/bench-model.ts';
export type { BenchLayer, BenchReport, InstructionMix } from './cost/bench-report.ts';
export { type BenchmarkPage, type Peers, renderBenchmarkPage } from './cost/benchmark-page.ts';
export { benchmarkModels, benchmarkTargets } from './cost/benchmark-set.ts';
export {
  compilerOf,
  describeChanges,
  formatRecordedCosts,
  noCosts,
  type RecordedCost,
  type RecordedCosts,
  recordedCostOf,
  withReport,
} from './cost/recorded-costs.ts';
export { crc32 } from './crc32.ts';
export { type CTarget, createRunner } from './create-runner.ts';
export { type Difference, explainDifference } from './difference.ts';
export {
  type CompileChoice,
  type CreateExecutor,
  createCExecutor,
  createCRunner,
  createExecutors,
  createWasmExecutor,
  type Executor,
} from './executor.ts';
export { floatTolerance } from './float-bound.ts';
export {
  type GoldenFile,
  type GoldenModel,
  type GoldenOptions,
  type GoldenRow,
  statelessModels,
  verifyGolden,
} from './golden.ts';
export { renderGoldenTable } from './golden-table.ts';
export { createHostRunner, type HostOptions } from './host-runner.ts';
export { createQemuRunner, type QemuOptions } from './qemu-runner.ts';
export { createRp2040Runner } from './rp2040-runner.ts';
export { explainRun, RunError, type RunProblem } from './run-error.ts';
export {
  type Available,
  type CodeSizes,
  type CProgram,
  type Inference,
  isSkipped,
  type ProgramShape,
  type Runner,
  type RunOptions,
  type RunResult,
  type Skipped,
} from './runner.ts';
export { lcgSamples, type Sample, zeroSample } from './sample-inputs.ts';
export { defaultSamples, type VerifyOptions, type VerifyProgress, verifyModel } from './verify-model.ts';
export {
  explainOutcome,
  type LayerCoverage,
  type Outcome,
  type TargetReport,
  type VerifyReport,
} from './verify-report.ts';
export { createWasmRunner, type WasmProgram } from './wasm-runner.ts';
export { openWorkspace, type Workspace } from './workspace.ts';
