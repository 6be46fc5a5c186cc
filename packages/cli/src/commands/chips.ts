// `anymote chips`: the catalogue of microcontrollers and boards, and what each entry rests on.
import type { Board, Chip } from '@anymote/advise';
import type { Command } from 'commander';
import { priceText } from '../advise/price-text.ts';
import { chipsOption, quantity } from '../advise/quantity-option.ts';
import { Failure } from '../failure.ts';
import { alignColumns } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface ChipsFlags {
  readonly core?: string;
  readonly minRam?: number;
  readonly minFlash?: number;
  readonly radio?: string;
  readonly boards?: true;
  readonly chips?: string;
  readonly json?: true;
}

const examples = `
Examples:
  anymote chips
  anymote chips --core cortex-m33 --min-ram 256K
  anymote chips --radio ble
  anymote chips stm32u585ai                    all that is known of one, and from where
  anymote chips --boards
  anymote chips --chips mine.yaml --json

A figure is verified where it was read in the source of its entry; all others are recalled. --json has every field.
`;

/** Adds the command to a program. */
export function addChipsCommand(program: Command, terminal: Terminal): void {
  program
    .command('chips')
    .summary('list microcontrollers and boards')
    .description('List the microcontrollers and boards that are known: core, memory, clock, radio, price, and sources.')
    .argument('[name]', 'one chip or board')
    .option('--core <name>', 'those with this core')
    .option('--min-ram <size>', 'those with so much RAM', quantity('--min-ram', 'memory'))
    .option('--min-flash <size>', 'those with so much flash', quantity('--min-flash', 'memory'))
    .option('--radio <name>', 'those with this radio')
    .option('--boards', 'boards instead of chips')
    .option(...chipsOption)
    .option('--json', 'as JSON')
    .addHelpText('after', examples)
    .action((name: string | undefined, flags: ChipsFlags) => listChips(terminal, name, flags));
}

async function listChips(terminal: Terminal, name: string | undefined, flags: ChipsFlags): Promise<void> {
  const { chipsOnBoards, coreNames, flashKibOf, radioNames } = await import('@anymote/advise');
  const { chipNamed, chipsWith } = await import('../advise/own-chips.ts');
  checkName('--core', flags.core, coreNames);
  checkName('--radio', flags.radio, radioNames);
  const all = await chipsWith(flags.chips);
  if (name !== undefined) {
    const chip = chipNamed(name, all);
    terminal.write(flags.json ? `${JSON.stringify(chip, null, 2)}\n` : describeChip(chip, terminal));
    return;
  }
  const wanted = (chip: Chip): boolean =>
    (flags.core === undefined || chip.core === flags.core) &&
    (flags.minRam === undefined || chip.ramKib * 1024 >= flags.minRam) &&
    (flags.minFlash === undefined || 1024 * flashKibOf(chip) >= flags.minFlash) &&
    (flags.radio === undefined || chip.radios.some((radio) => radio === flags.radio));
  if (flags.boards) {
    const listed = chipsOnBoards(all).filter(({ chip }) => wanted(chip));
    const entries = listed.map(({ board }) => board);
    terminal.write(flags.json ? `${JSON.stringify(entries, null, 2)}\n` : boardTable(listed, terminal));
    return;
  }
  const listed = all.filter(wanted);
  terminal.write(flags.json ? `${JSON.stringify(listed, null, 2)}\n` : chipTable(listed, terminal));
}

/** @throws {Failure} that lists what is known */
function checkName(option: string, given: string | undefined, known: readonly string[]): void {
  if (given === undefined || known.includes(given)) return;
  throw new Failure(`${option}: unknown '${given}' (known: ${known.join(', ')})`, 2);
}

const memory = (kib: number): string =>
  kib === 0 ? 'external' : kib < 1024 ? `${kib}K` : `${+(kib / 1024).toFixed(1)}M`;

function chipTable(chips: readonly Chip[], { colours }: Terminal): string {
  const rows = chips.map((chip) => [
    colours.bold(chip.id),
    chip.core,
    `${chip.clockMegahertz} MHz`,
    memory(chip.flashKib),
    memory(chip.ramKib),
    chip.radios.join(' '),
    priceText(chip),
    chip.verified ? colours.green('verified') : colours.yellow('recalled'),
    colours.dim(chip.accelerator === undefined ? '' : `not used: ${chip.accelerator}`),
  ]);
  const header = ['chip', 'core', 'clock', 'flash', 'RAM', 'radio', 'price', '', ''].map((title) => colours.dim(title));
  return [
    ...alignColumns([header, ...rows], 'llrrrlll'),
    '',
    `${chips.length} chips. verified: memory and clock were read in a document; prices are recalled, of 2025 (\`anymote chips NAME\` has the sources)`,
    '',
  ].join('\n');
}

function boardTable(boards: readonly { readonly board: Board; readonly chip: Chip }[], { colours }: Terminal): string {
  const rows = boards.map(({ board, chip }) => [
    colours.bold(board.id),
    board.name,
    board.chip,
    `${chip.clockMegahertz} MHz`,
    memory(chip.ramKib),
    chip.radios.join(' '),
    priceText(board),
    board.verified ? colours.green('verified') : colours.yellow('recalled'),
  ]);
  const header = ['board', 'name', 'chip', 'clock', 'RAM', 'radio', 'price', ''].map((title) => colours.dim(title));
  return `${alignColumns([header, ...rows], 'lllrrlll').join('\n')}\n`;
}

function describeChip(chip: Chip, { colours }: Terminal): string {
  const read = new Set(chip.verifiedFields);
  const standing = (field: string): string => (read.has(field) ? colours.green('read') : colours.yellow('recalled'));
  const { active, sleep, supply, flash } = chip;
  const rows: readonly (readonly string[])[] = [
    [
      'core',
      `${chip.core}${chip.cores === undefined ? '' : ` (${chip.cores})`} ${chip.features.join(' ')}`,
      standing('core'),
    ],
    ...(chip.accelerator === undefined ? [] : [['accelerator', `${chip.accelerator}; not used`, standing('npu')]]),
    ['clock', `${chip.clockMegahertz} MHz`, standing('clock')],
    [
      'flash',
      `${memory(chip.flashKib)}${chip.externalFlashKib === undefined ? '' : `, modules usually have ${memory(chip.externalFlashKib)}`}`,
      standing('flash'),
    ],
    [
      '',
      `a line of ${flash.lineBytes} bytes takes ${flash.lineNanoseconds} ns, ${flash.cacheBytes} bytes of cache`,
      colours.yellow('recalled'),
    ],
    ['RAM', memory(chip.ramKib), standing('ram')],
    ...(chip.ramBanks ?? []).map(({ name, kib }) => ['', `${name} ${memory(kib)}`, standing('banks')]),
    ['supply', `${supply.volts[0]}–${supply.volts[1]} V, ${supply.regulator} regulator`, standing('supply')],
    [
      'computing',
      active === undefined
        ? 'no figure: taken as typical of the core'
        : `${active.microampsPerMegahertz} µA/MHz at ${active.volts} V: ${active.condition}`,
      active?.source ?? '',
    ],
    [
      'asleep',
      sleep === undefined ? 'no figure: taken as typical' : `${sleep.microamps} µA: ${sleep.condition}`,
      sleep?.source ?? '',
    ],
    ['radio', chip.radios.join(', ') || 'none', ''],
    ['price', `${priceText(chip)}, ${chip.price.asOf}`, chip.price.source],
    ['source', chip.source, ''],
  ];
  return [
    `${colours.bold(chip.name)}  ${chip.vendor}  ${colours.dim(chip.id)}`,
    ...alignColumns(rows.map(([what = '', ...cells]) => [`  ${colours.dim(what)}`, ...cells])),
    '',
  ].join('\n');
}
