// How many cycles hardware makes of base cycles. In logarithms: a constant, the core's effect, the board's, and the engine's. An engine
// whose instructions were counted has next to none; what the others execute is unknown, and is an effect of its own that is
// estimated and then left out: so what is said of this project's code rests on counted instructions, and on the boards of all.
import { type Factor, intervalOf } from '../estimate/factor.ts';
import { measuredCycles, type Observation } from './observation.ts';
import { type Effect, fitEffects, type Regression } from './regression.ts';

/** Standard deviations of the effects, in natural logarithms: 0.1 is about 10 %. */
export const spread = {
  core: 0.2,
  board: 0.15,
  counted: 0.1,
  uncounted: 1,
  family: 0.3,
  engine: 0.2,
  noise: 0.12,
} as const;

const hardware = (core: string, board: string): readonly Effect[] => [
  ['all', 10],
  [`core ${core}`, spread.core],
  [`board ${board}`, spread.board],
];

const effectsOf = ({ core, board, counted, family, engine }: Observation): readonly Effect[] => [
  ...hardware(core, board),
  ...(counted
    ? ([[`counted ${engine}`, spread.counted]] as const)
    : ([
        ['uncounted', spread.uncounted],
        [`family ${family}`, spread.family],
        [`engine ${engine}`, spread.engine],
      ] as const)),
];

/** The effects of a set of observations. */
export const fitLatency = (observations: readonly Observation[]): Regression =>
  fitEffects(
    observations.map((own) => ({ value: Math.log(measuredCycles(own) / own.baseCycles), effects: effectsOf(own) })),
    spread.noise,
  );

/** An observation of a board beside what is predicted for it from all others. */
export interface HeldOut {
  readonly observation: Observation;
  readonly predictedMs: number;
  /** Of an interval of 90 %. */
  readonly lowMs: number;
  readonly highMs: number;
  /** (predicted - measured) / measured. */
  readonly error: number;
  readonly covered: boolean;
}

/** Every observation, predicted from the other boards. */
export function leaveOneBoardOut(observations: readonly Observation[]): readonly HeldOut[] {
  const boards = [...new Set(observations.map(({ board }) => board))];
  return boards.flatMap((board) => {
    const model = fitLatency(observations.filter((own) => own.board !== board));
    return observations
      .filter((own) => own.board === board)
      .map((observation) => heldOut(observation, model.predict(effectsOf(observation))));
  });
}

function heldOut(observation: Observation, { mean, sd }: Factor): HeldOut {
  const { baseCycles, megahertz, latencyMs } = observation;
  const {
    low: lowMs,
    middle: predictedMs,
    high: highMs,
  } = intervalOf(baseCycles / megahertz / 1000, { mean, sd: Math.hypot(sd, spread.noise) });
  return {
    observation,
    predictedMs,
    lowMs,
    highMs,
    error: predictedMs / latencyMs - 1,
    covered: lowMs <= latencyMs && latencyMs <= highMs,
  };
}

/** Factors for code whose instructions are known: of a chip that was measured, of a core, and of a core that was not. */
export function factorsOf(observations: readonly Observation[]): {
  readonly chips: ReadonlyMap<string, Factor>;
  readonly cores: ReadonlyMap<string, Factor>;
  readonly other: Factor;
} {
  const model = fitLatency(observations);
  const factor = (core: string, board: string): Factor => {
    const { mean, sd } = model.predict([...hardware(core, board), ['counted anymote', spread.counted]]);
    return { mean, sd: Math.hypot(sd, spread.noise) };
  };
  const chips = new Map(observations.map(({ chip, core, board }) => [chip, factor(core, board)]));
  const cores = new Map(observations.map(({ core }) => [core, factor(core, 'another')]));
  return { chips, cores, other: factor('another', 'another') };
}

/** Of each board and network, the observation of the fastest engine. */
export function fastest<Row extends { readonly observation: Observation }>(rows: readonly Row[]): readonly Row[] {
  const best = new Map<string, Row>();
  for (const row of rows) {
    const key = `${row.observation.board} ${row.observation.network}`;
    const other = best.get(key);
    if (other === undefined || row.observation.latencyMs < other.observation.latencyMs) best.set(key, row);
  }
  return [...best.values()];
}
