// Observations from the rows of a table of MLPerf Tiny results, one row a network on a board.
import { type Execution, instructionsOf, mixFrom } from '@anymote/compiler';
import type { Chip } from '../chips/chip.ts';
import { cores } from '../chips/cores.ts';
import { baseCycles } from '../estimate/base-cycles.ts';
import type { Observation } from './observation.ts';

/** What this project's code executes for a network on a target; `whole`: without dropping channels that do nothing. */
export type WorkOf = (network: string, target: string, whole: boolean) => Execution;

/** Instructions that TensorFlow Lite Micro with CMSIS-NN executes for a network on a target, where counted. */
export type CountedInstructions = (network: string, target: string) => number | undefined;

/** Boards of the table, by a part of their name, and the chip on them. */
const boards: readonly (readonly [part: string, chip: string])[] = [
  ['G0B1RE', 'stm32g0b1re'],
  ['U585I', 'stm32u585ai'],
  ['RA6M4', 'ra6m4'],
  ['U385', 'stm32u385rg'],
  ['U575', 'stm32u575zi'],
  ['5340', 'nrf5340'],
  ['CY8C', 'psoc62-cy8c624a'],
  ['L4R5', 'stm32l4r5zi'],
  ['M467', 'm467hj'],
  ['F746', 'stm32f746ng'],
  ['H7A3', 'stm32h7a3zi'],
  ['RA8D1', 'ra8d1'],
];

const networks = ['kws', 'vww', 'ic', 'ad'];

/** Builds with less memory or speed than the engine's usual one, which are another engine. */
const special = /min_ram|max_performance/;

/** Whole networks on the cores of CPUs in int8: no accelerators, each run once. */
export function readObservations(
  rows: readonly Readonly<Record<string, string>>[],
  chips: readonly Chip[],
  workOf: WorkOf,
  counted: CountedInstructions,
): readonly Observation[] {
  return rows.flatMap((row): readonly Observation[] => {
    const { benchmark = '', board = '', software = '', system = '', notes = '', supply = '' } = row;
    const chipId = boards.find(([part]) => board.includes(part))?.[1];
    const chip = chips.find(({ id }) => id === chipId);
    const plain = row.accelerator === 'none' && row.precision === 'int8' && networks.includes(benchmark);
    // Two submitters ran a third one's code again.
    const again = software.startsWith('microTVM') && ['Krai', 'cTuning'].includes(row.submitter ?? '');
    if (chip === undefined || !plain || special.test(system) || again) return [];
    const target = cores[chip.core].target ?? '';
    const whole = !notes.includes('dead channels');
    const work = workOf(benchmark, target, whole);
    const own = software.includes('CMSIS-NN') ? counted(benchmark, target) : undefined;
    const times = own === undefined ? 1 : own / instructionsOf(work.mix);
    const mix = mixFrom((kind) => work.mix[kind] * times);
    const megahertz = Number(row.clock_mhz);
    const version = row.software_version || (software.startsWith('Plumerai') ? (row.round ?? '') : '');
    const [milliwatts, volts] = [Number(row.power_mw || Number.NaN), voltsOf(supply)];
    return [
      {
        board: chip.id,
        chip: chip.id,
        core: chip.core,
        network: benchmark,
        // 9.0 and 9.0.0 are one version.
        engine: `${software} ${version.replace(/(\.\d+)\.0$/, '$1')}`.trim(),
        family: software.replace(/ [(+].*/, ''),
        round: row.round ?? '',
        megahertz,
        latencyMs: Number(row.latency_ms),
        baseCycles: baseCycles({ ...work, mix }, chip, megahertz),
        counted: own !== undefined,
        ...(Number.isNaN(milliwatts) ? {} : { milliwatts }),
        ...(volts === undefined ? {} : { volts }),
      },
    ];
  });
}

/** Behind a switching regulator on the board, half the supply's current reaches a linear one. */
function voltsOf(supply: string): number | undefined {
  const volts = /(\d(?:\.\d+)?) ?V/.exec(supply)?.[1];
  return volts === undefined ? undefined : Number(volts) * (supply.includes('external SMPS') ? 0.5 : 1);
}
