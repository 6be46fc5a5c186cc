// Sums of int8 tensors and pools over int8 windows on RISC-V with multiplication: words of four bytes where bytes are only added.
import type { Spelling, Spellings } from '../../kernel/spelling.ts';
import { instructionsIn } from './assembly.ts';
import { type PoolKind, poolName, type SumVariant, sumName, sumVariants } from './int8-routines.ts';

/** Lines name parameters and temporaries as `{name}`; all but those in `kept` are changed. */
interface Routine {
  readonly name: string;
  readonly note: string;
  readonly pointers: Readonly<Record<string, string>>;
  readonly scalars: readonly string[];
  readonly kept: readonly string[];
  readonly temporaries: readonly string[];
  readonly lines: readonly string[];
}

/** The C text: one statement of assembly over the parameters. */
function riscvRoutine({ name, note, pointers, scalars, kept, temporaries, lines }: Routine): string {
  const parameters = [
    ...Object.entries(pointers).map(([own, type]) => `${type}${own}`),
    ...scalars.map((own) => `int32_t ${own}`),
  ];
  const changed = [...Object.keys(pointers), ...scalars].filter((own) => !kept.includes(own));
  const operand = (constraint: string) => (own: string) => `[${own}] "${constraint}"(${own})`;
  return [
    `/* ${note} */`,
    `static __attribute__((noinline)) void ${name}(`,
    `  ${parameters.join(', ')})`,
    '{',
    `  int32_t ${temporaries.join(', ')};`,
    '  __asm__ volatile(',
    ...lines.map((line) => `    "${line.replace(/\{(\w+)\}/g, '%[$1]')}\\n"`),
    `    : ${[...changed.map(operand('+&r')), ...temporaries.map(operand('=&r'))].join(', ')}`,
    `    : ${kept.map(operand('r')).join(', ')}`,
    '    : "memory");',
    '}',
  ].join('\n');
}

const bytesOf = (lines: readonly string[]): number => 3 * instructionsIn(lines) + 40;

function sumSpelling({ shift, clamped }: SumVariant): Spelling {
  const unrolled = 4;
  const one = (offset: number): readonly string[] => [
    `lb {left}, ${offset}({a})`,
    `lb {right}, ${offset}({b})`,
    'mul {left}, {left}, {factor_a}',
    'mul {right}, {right}, {factor_b}',
    'add {left}, {left}, {offset}',
    'add {left}, {left}, {right}',
    `srai {left}, {left}, ${shift}`,
    'bge {left}, {low}, 8f',
    'mv {left}, {low}',
    '8: ble {left}, {high}, 9f',
    'mv {left}, {high}',
    `9: sb {left}, ${offset}({y})`,
  ];
  const forward = (elements: number): readonly string[] =>
    ['a', 'b', 'y'].map((pointer) => `addi {${pointer}}, {${pointer}}, ${elements}`);
  const lines = [
    ...(clamped ? [] : ['li {low}, -128', 'li {high}, 127']),
    `addi {count}, {count}, -${unrolled}`,
    'add {end}, {a}, {count}',
    'bltz {count}, 2f',
    '1:',
    ...Array.from({ length: unrolled }, (_, i) => one(i)).flat(),
    ...forward(unrolled),
    'bleu {a}, {end}, 1b',
    `2: addi {end}, {end}, ${unrolled}`,
    'beq {a}, {end}, 4f',
    '3:',
    ...one(0),
    ...forward(1),
    'bne {a}, {end}, 3b',
    '4:',
  ];
  return {
    definition: riscvRoutine({
      name: sumName({ shift, clamped }),
      note: `y = (a * factor_a + b * factor_b + offset) / 2^${shift}, rounded down and saturated.`,
      pointers: { a: 'const int8_t *', b: 'const int8_t *', y: 'int8_t *' },
      scalars: ['count', 'factor_a', 'factor_b', 'offset', ...(clamped ? ['low', 'high'] : [])],
      kept: ['factor_a', 'factor_b', 'offset', ...(clamped ? ['low', 'high'] : [])],
      temporaries: ['left', 'right', 'end', ...(clamped ? [] : ['low', 'high'])],
      lines,
    }),
    cost: (count = 1000) => ({ instructions: 20 + count * (10 + 4 / unrolled), codeBytes: bytesOf(lines) }),
  };
}

/** Bytes are taken from 0 on (x ^ 0x80): even ones by a mask, odd ones without, which the even ones undo. */
function poolSpelling(kind: Exclude<PoolKind, 'max'>): Spelling {
  const pixel = [
    'lw {word}, 0({p})',
    'lw {next}, 4({p})',
    'add {p}, {p}, {channels}',
    'xor {word}, {word}, {sign}',
    'xor {next}, {next}, {sign}',
    'srli {shifted}, {word}, 8',
    'add {odd0}, {odd0}, {shifted}',
    'srli {shifted}, {next}, 8',
    'add {odd1}, {odd1}, {shifted}',
    'and {word}, {word}, {mask}',
    'add {even0}, {even0}, {word}',
    'and {next}, {next}, {mask}',
    'add {even1}, {even1}, {next}',
    'bne {p}, {row_end}, 4b',
  ];
  const store = (offset: number): readonly string[] =>
    kind === 'average'
      ? [
          'mul {word}, {word}, {factor}',
          'add {word}, {word}, {excess}',
          'srai {word}, {word}, 24',
          `sb {word}, ${offset}({y})`,
        ]
      : ['sub {word}, {word}, {excess}', `sh {word}, ${2 * offset}({y})`];
  const four = (even: string, odd: string, offset: number): readonly string[] => [
    `srli {next}, {${even}}, 16`,
    'slli {word}, {next}, 8',
    `sub {${odd}}, {${odd}}, {word}`,
    `slli {word}, {${even}}, 16`,
    'srli {word}, {word}, 16',
    ...store(offset),
    `slli {word}, {${odd}}, 16`,
    'srli {word}, {word}, 16',
    ...store(offset + 1),
    'mv {word}, {next}',
    ...store(offset + 2),
    `srli {word}, {${odd}}, 16`,
    ...store(offset + 3),
  ];
  const start = [
    'mv {p}, {x}',
    'mv {row}, {rows}',
    ...['even0', 'even1', 'odd0', 'odd1'].map((sum) => `li {${sum}}, 0`),
  ];
  const nextRow = ['add {p}, {p}, {row_gap}', 'addi {row}, {row}, -1', 'bnez {row}, 3b'];
  const end = [
    ...four('even0', 'odd0', 0),
    ...four('even1', 'odd1', 4),
    `addi {y}, {y}, ${kind === 'average' ? 8 : 16}`,
  ];
  const lines = [
    'li {sign}, 0x80808080',
    'li {mask}, 0x00ff00ff',
    'mul {excess}, {rows}, {columns}',
    'slli {excess}, {excess}, 7',
    ...(kind === 'average'
      ? ['mul {excess}, {excess}, {factor}', 'li {word}, 0x800000', 'sub {excess}, {word}, {excess}']
      : []),
    // Bytes of a row of windows, and from one output to the next once its channels are done.
    'mul {columns}, {columns}, {channels}',
    'sub {output_step}, {output_step}, {channels}',
    '1: add {last}, {x}, {channels}',
    '2:',
    ...start,
    '3: add {row_end}, {p}, {columns}',
    '4:',
    ...pixel,
    ...nextRow,
    ...end,
    'addi {x}, {x}, 8',
    'bne {x}, {last}, 2b',
    'add {x}, {x}, {output_step}',
    'addi {outputs}, {outputs}, -1',
    'bnez {outputs}, 1b',
  ];
  const scalars = ['channels', 'rows', 'columns', 'row_gap', 'outputs', 'output_step'];
  const perBlock = start.length + end.length + 2;
  return {
    definition: riscvRoutine({
      name: poolName(kind),
      note:
        kind === 'average'
          ? 'Averages of windows, each channel by itself: (sum * factor + 2^23) / 2^24, rounded down.'
          : 'Sums of windows, each channel by itself.',
      pointers: { x: 'const int8_t *', y: kind === 'sum' ? 'int16_t *' : 'int8_t *' },
      scalars: kind === 'average' ? [...scalars, 'factor'] : scalars,
      kept: ['channels', 'rows', 'row_gap', ...(kind === 'average' ? ['factor'] : [])],
      temporaries: [
        ...['p', 'row', 'row_end', 'last', 'word', 'next', 'shifted', 'sign', 'mask', 'excess'],
        ...['even0', 'even1', 'odd0', 'odd1'],
      ],
      lines,
    }),
    cost: (channels = 32, rows = 2, columns = 2, _gap = 0, outputs = 1) => ({
      instructions: 25 + outputs * (5 + (channels / 8) * (perBlock + rows * (4 + columns * pixel.length))),
      codeBytes: bytesOf(lines),
    }),
  };
}

/** The routines of RISC-V cores with multiplication. */
export const riscvInt8Spellings: Spellings = {
  ...Object.fromEntries(sumVariants.map((variant) => [sumName(variant), sumSpelling(variant)])),
  [poolName('average')]: poolSpelling('average'),
  [poolName('sum')]: poolSpelling('sum'),
};
