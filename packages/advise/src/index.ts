// The public API: chips, estimates, which chips fit, and where a model should run. Pure functions, the same in Node and browsers.
export { AdviceError } from './advice-error.ts';
export { type Advice, type AdviseOptions, adviceFor, advise } from './advise/advise.ts';
export {
  type Answers,
  answersSchema,
  contradictionsIn,
  learningNames,
  networkNames,
  readAnswers,
  type WrittenAnswers,
} from './advise/answers.ts';
export { type CostLine, type Costs, costsUntil, hostingLines } from './advise/costs.ts';
export { type Prices, prices, readPrices } from './advise/prices.ts';
export type { Flip } from './advise/sensitivity.ts';
export { type Way, type WayName, wayTitle } from './advise/way.ts';
export { boards, chips } from './chips/catalogue/index.ts';
export { type Board, type Chip, type CoreName, coreNames, type Radio, radioNames } from './chips/chip.ts';
export { cores } from './chips/cores.ts';
export { chipNames, chipsOnBoards, findChip, onBoard } from './chips/find-chip.ts';
export { readChips } from './chips/read-chips.ts';
export { baseCycles } from './estimate/base-cycles.ts';
export { type Battery, lifeHours, meanMilliwatts, sleepCurrent } from './estimate/battery.ts';
export { calibration } from './estimate/calibration.ts';
export { type Conditions, type Estimate, estimate, type Running, voltsNear } from './estimate/estimate.ts';
export type { Interval } from './estimate/factor.ts';
export { type Check, flashKibOf, flashOf, ramOf, usualPrice } from './fit/checks.ts';
export { checkDemands, type Demands, usualReserve } from './fit/demands.ts';
export { type Candidate, type FitResult, type Fitting, fit, type Rejected } from './fit/fit.ts';
export * from './format.ts';
export { type Build, type ModelNeeds, needsOf } from './needs/model-needs.ts';
export { parseBattery, parseQuantity, type QuantityKind } from './quantities.ts';
