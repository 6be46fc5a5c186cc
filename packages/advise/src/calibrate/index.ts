// For scripts and tests: calibration from measured results. What it finds is in ../estimate/calibration.ts.
export { chips } from '../chips/catalogue/index.ts';
export { calibrate, errorsOf, validate } from './calibrate.ts';
export { calibrationText, estimatesPage, validationText } from './calibration-text.ts';
export { fastest, leaveOneBoardOut } from './latency-model.ts';
export type { Observation } from './observation.ts';
export { readObservations } from './read-observations.ts';
