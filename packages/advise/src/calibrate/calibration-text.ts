// What calibration found, as the file the package reads, as text for a terminal, and as a page with every row.

import { chips } from '../chips/catalogue/index.ts';
import type { Calibration, Errors, Factor, Validation } from '../estimate/factor.ts';
import { errorsOf, validate } from './calibrate.ts';
import { fastest, leaveOneBoardOut } from './latency-model.ts';
import type { Observation } from './observation.ts';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(0)} %`;

const factorText = ({ mean, sd }: Factor): string => `{ mean: ${mean}, sd: ${sd} }`;

const recordText = (factors: Readonly<Record<string, Factor>>, indent: string): string =>
  `{\n${Object.entries(factors)
    .map(([name, factor]) => `${indent}  ${/^\w+$/.test(name) ? name : `'${name}'`}: ${factorText(factor)},\n`)
    .join('')}${indent}}`;

const errorsText = ({ rows, median, percentile90, covered }: Errors): string =>
  `{ rows: ${rows}, median: ${median}, percentile90: ${percentile90}, covered: ${covered} }`;

/** The source file `estimate/calibration.ts`. */
export function calibrationText({ instructions, cycles, power, validation }: Calibration): string {
  return `// Written by \`npm run calibrate\` from the measured results of MLPerf Tiny; docs/estimates.md says how, and how well it predicts.
import type { Calibration } from './factor.ts';

export const calibration: Calibration = {
  instructions: ${recordText(instructions, '  ')},
  cycles: {
    chips: ${recordText(cycles.chips, '    ')},
    cores: ${recordText(cycles.cores, '    ')},
    other: ${factorText(cycles.other)},
  },
  power: {
    chips: ${recordText(power.chips, '    ')},
    coremark: ${factorText(power.coremark)},
    unnamed: ${factorText(power.unnamed)},
  },
  validation: {
    observations: ${validation.observations},
    boards: ${validation.boards},
    latency: ${errorsText(validation.latency)},
    fastest: ${errorsText(validation.fastest)},
    energy: ${errorsText(validation.energy)},
    fastestEnergy: ${errorsText(validation.fastestEnergy)},
  },
};
`;
}

const errorLine = (what: string, { rows, median, percentile90, covered }: Errors): string =>
  `${what}: median ${percent(median)}, 90th percentile ${percent(percentile90)}, ${percent(covered)} inside their intervals of 90 % (${rows} rows)`;

const summary = ({ latency, fastest: best, energy, fastestEnergy }: Validation): readonly string[] => [
  errorLine('latency, every engine', latency),
  errorLine('latency, the fastest engine of each board', best),
  errorLine('energy, every engine', energy),
  errorLine('energy, the fastest engine of each board', fastestEnergy),
];

/** How well boards are predicted that were left out. */
export const validationText = (validation: Validation): string =>
  [
    `each of ${validation.boards} boards predicted from the others:`,
    ...summary(validation).map((line) => `  ${line}`),
    '',
  ].join('\n');

const methodText = `# Estimates of latency and energy

Written by \`npm run calibrate\`, which needs the public results of MLPerf Tiny (rounds v0.5 to v1.3) beside the repository. Those results belong to their submitters; "MLPerf" is a trademark of MLCommons. What stands here is a re-reading of them, not a result list.

## Latency

1. **Instructions by kind.** The compiler predicts how many loads, stores, multiplications, divisions, branches and others one inference executes, layer by layer. Against counts on emulated cores the prediction is within a few per cent on Cortex-M4, M33 and M7; a factor by target corrects what is left.
2. **Base cycles.** A table of cycles by kind (from the cores' manuals, memory without wait states), plus lines of flash: those that instructions miss in the cache, constants and code that stream through once, and single reads of tables that are searched. A line costs what flash takes at the clock, so a lower clock costs fewer cycles. How many instructions miss (1 in 100 from 4 KiB of cache on, 15 in 100 without any) and how long a line takes are assumptions, the latter recalled for every chip.
3. **What hardware makes of it.** The logarithm of measured over base cycles is a sum of effects – all, core, board, engine – fitted by least squares with priors (standard deviations 0.2, 0.15 and, for engines, 0.1 to 1).

**How engines differ.** The results are other engines', which execute other instructions. Of TensorFlow Lite Micro with CMSIS-NN the instructions were counted on emulated cores (docs/peers.json), so its rows (on L4R5, nRF5340, RA6M4 and RA8D1) say what hardware makes of known instructions. Every other engine has an effect of its own, free to be what it is; its boards differ from one another as hardware does, and that is what is learned from them. An estimate for this project's code then uses the effects of core and board, and no engine's. Engines that drop channels which do nothing are compared with this project's code that does so too.

Where floats are computed in software (Cortex-M0 to M3, RISC-V without F), what they take depends on the data, and the prediction is on the high side.

An interval of 90 % has the uncertainty of all effects, of a board not seen, and of the prediction of instructions. On cores without measurements (Cortex-M0, M3, M55, RISC-V, Xtensa) the core's effect is unknown, the interval wider, and every estimate says that it is outside the calibrated range. So it does of models in floats and of trees, whose intervals are wider too: what was measured are int8 networks.

## Energy

Power while computing is the maker's stated current times voltage (behind a switching regulator: the same power at any voltage) times a factor, as measured on networks: stated figures are favourable cases, those for code that is not named more than those for CoreMark. A chip without a figure is taken at the geometric mean of chips with such a core. Energy of an inference is power times latency; between inferences the chip draws its sleep current. Radio, sensors and regulators of a board are not included.

## Each board predicted from the others

A board is left out with all its rows, everything is fitted anew, and its rows are predicted. L4R5ZI and L4R5ZI-P count as one; U575 and U585, which are nearly the same chip, as two. The form of the model – which effects there are, and that stated currents count by what ran – was chosen with these rows in view. Power was measured on five boards only: the errors of energy flatter most.
`;

/** A core with all its boards, predicted from the other cores: what is said of cores that were not measured rests on this. */
function byCore(observations: readonly Observation[]): readonly string[] {
  return [...new Set(observations.map(({ core }) => core))].sort().map((core) => {
    const together = observations.map((own) => (own.core === core ? { ...own, board: core } : own));
    const rows = leaveOneBoardOut(together).filter(({ observation }) => observation.core === core);
    const { median, percentile90, covered } = errorsOf(rows);
    return [core, rows.length, percent(median), percent(percentile90), percent(covered)].join(' | ');
  });
}

/** The page with the method and the rows. */
export function estimatesPage(observations: readonly Observation[], { validation, cycles }: Calibration): string {
  const { latency, energy } = validate(observations, chips);
  const nameOf = (id: string): string => chips.find((chip) => chip.id === id)?.name ?? id;
  const boards = [...new Set(observations.map(({ board }) => board))].sort();
  const order = (row: { readonly observation: Observation }): string =>
    `${row.observation.board} ${row.observation.network}`;
  const sorted = <Row extends { readonly observation: Observation }>(rows: readonly Row[]): readonly Row[] =>
    [...rows].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const bestLatency = sorted(fastest(latency)).map(({ observation, predictedMs, lowMs, highMs, error, covered }) =>
    [
      nameOf(observation.board),
      observation.network.toUpperCase(),
      `${observation.engine} (${observation.round})`,
      observation.latencyMs.toFixed(2),
      predictedMs.toFixed(2),
      `${lowMs.toFixed(2)} – ${highMs.toFixed(2)}`,
      `${signed(error)}${covered ? '' : ' ✗'}`,
    ].join(' | '),
  );
  const bestEnergy = sorted(fastest(energy)).map(({ observation, measuredMicrojoules, predictedMicrojoules, error }) =>
    [
      nameOf(observation.board),
      observation.network.toUpperCase(),
      `${observation.engine} (${observation.round})`,
      measuredMicrojoules.toFixed(0),
      predictedMicrojoules.toFixed(0),
      signed(error),
    ].join(' | '),
  );
  const byBoard = boards.map((board) => {
    const own = latency.filter((row) => row.observation.board === board);
    const errors = own.map(({ error }) => error).sort((a, b) => a - b);
    const engines = new Set(own.map(({ observation }) => observation.engine)).size;
    const factor = cycles.chips[board];
    const middle = errors[Math.floor(errors.length / 2)] ?? 0;
    return `${nameOf(board)} | ${own[0]?.observation.core ?? ''} | ${engines} | ${own.length} | ${signed(middle)} | ${factor === undefined ? '' : Math.exp(factor.mean).toFixed(2)}`;
  });
  const table = (head: string, align: string, rows: readonly string[]): string =>
    [`| ${head} |`, `|${align}|`, ...rows.map((row) => `| ${row} |`), ''].join('\n');
  return [
    methodText,
    ...summary(validation).map((line) => `- ${line}`),
    '',
    '### By board, all engines',
    '',
    table('chip | core | engines | rows | median error | cycles, times base', '---|---|---:|---:|---:|---:', byBoard),
    '### All boards of a core left out at once, all engines',
    '',
    table(
      'core | rows | median | 90th percentile | inside their intervals',
      '---|---:|---:|---:|---:',
      byCore(observations),
    ),
    '### The fastest engine of each board, latency in ms',
    '',
    '✗: outside its interval.',
    '',
    table(
      'chip | network | engine | measured | predicted | interval of 90 % | error',
      '---|---|---|---:|---:|---:|---:',
      bestLatency,
    ),
    '### The fastest engine of each board with measured power, energy in µJ',
    '',
    table('chip | network | engine | measured | predicted | error', '---|---|---|---:|---:|---:', bestEnergy),
  ].join('\n');
}
