// Written by `npm run calibrate` from the measured results of MLPerf Tiny; docs/estimates.md says how, and how well it predicts.
import type { Calibration } from './factor.ts';

export const calibration: Calibration = {
  instructions: {
    'cortex-m4': { mean: -0.0156, sd: 0.0203 },
    'cortex-m0plus': { mean: -0.0507, sd: 0.0271 },
    'cortex-m55': { mean: -0.0674, sd: 0.0633 },
    'cortex-m33': { mean: -0.0156, sd: 0.0203 },
    'cortex-m7': { mean: -0.0155, sd: 0.0203 },
    'cortex-m3': { mean: -0.181, sd: 0.0814 },
    rv32imc: { mean: -0.2232, sd: 0.0946 },
  },
  cycles: {
    chips: {
      m467hj: { mean: 0.1585, sd: 0.1963 },
      nrf5340: { mean: 0.1297, sd: 0.187 },
      'psoc62-cy8c624a': { mean: 0.4592, sd: 0.1878 },
      ra6m4: { mean: 0.1673, sd: 0.1855 },
      ra8d1: { mean: 0.2192, sd: 0.1877 },
      stm32f746ng: { mean: 0.1041, sd: 0.1872 },
      stm32g0b1re: { mean: 0.4066, sd: 0.1903 },
      stm32h7a3zi: { mean: 0.1087, sd: 0.1861 },
      stm32l4r5zi: { mean: 0.2211, sd: 0.1846 },
      stm32u385rg: { mean: 0.1837, sd: 0.1948 },
      stm32u575zi: { mean: 0.1375, sd: 0.186 },
      stm32u585ai: { mean: 0.0909, sd: 0.1942 },
    },
    cores: {
      'cortex-m0plus': { mean: 0.3404, sd: 0.269 },
      'cortex-m33': { mean: 0.15, sd: 0.2416 },
      'cortex-m4': { mean: 0.2706, sd: 0.2512 },
      'cortex-m7': { mean: 0.1319, sd: 0.256 },
      'cortex-m85': { mean: 0.2205, sd: 0.2649 },
    },
    other: { mean: 0.2227, sd: 0.3237 },
  },
  power: {
    chips: {
      ra6m4: { mean: 0.2041, sd: 0.1672 },
      stm32h7a3zi: { mean: 0.4179, sd: 0.1533 },
      stm32l4r5zi: { mean: 0.5364, sd: 0.1515 },
      stm32u385rg: { mean: 0.067, sd: 0.1672 },
      stm32u575zi: { mean: 0.8844, sd: 0.1537 },
    },
    coremark: { mean: 0.1898, sd: 0.3931 },
    unnamed: { mean: 0.5766, sd: 0.3748 },
  },
  validation: {
    observations: 204,
    boards: 12,
    latency: { rows: 204, median: 0.1167, percentile90: 0.339, covered: 0.9216 },
    fastest: { rows: 48, median: 0.1006, percentile90: 0.3311, covered: 0.9167 },
    energy: { rows: 98, median: 0.2772, percentile90: 0.6019, covered: 0.9694 },
    fastestEnergy: { rows: 20, median: 0.2684, percentile90: 0.4994, covered: 1 },
  },
};
