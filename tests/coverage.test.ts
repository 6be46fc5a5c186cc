// docs/coverage.md says which operators are supported, in which types, and where that is tested. It is made from the
// tables that importers and tests themselves use; to write it again: UPDATE=1 npx vitest run tests/coverage.test.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { conversions } from '../packages/compiler/src/formats/tflite/ops.ts';
import { enums } from '../packages/compiler/src/formats/tflite/schema.ts';
import { describeUnsupported } from '../packages/compiler/src/formats/tflite/unsupported-ops.ts';
import type { Case } from '../packages/compiler/src/ops/cases/case.ts';
import { cases } from '../packages/compiler/src/ops/cases/index.ts';
import { targets } from '../packages/compiler/src/targets/index.ts';
import type { Target } from '../packages/compiler/src/targets/target.ts';
import { type Board, boards } from '../packages/verify/src/boards.ts';
import { readVectors } from './tflm-vectors.ts';

const file = new URL('../docs/coverage.md', import.meta.url);

it('docs/coverage.md is up to date', () => {
  const text = renderCoverage();
  if (process.env.UPDATE === '1') writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
});

function renderCoverage(): string {
  return [
    '# Coverage',
    '',
    'Written by `UPDATE=1 npx vitest run tests/coverage.test.ts`; do not edit.',
    '',
    '## Operators and types',
    '',
    'How many contract cases each operator has, by the type of its first input; where the output has another type, it',
    'follows the arrow. Every case runs on every executor below, without exception.',
    '',
    ...operatorTable(),
    '',
    '## Executors',
    '',
    'The definition of each operator (`evaluate`) is what all others answer to. Where a program is absent, tests on its',
    'executor are skipped, and say so; nothing else is skipped.',
    '',
    ...table(['executor', 'what it is', 'needs', 'must give'], executorRows()),
    '',
    'On the host and the Cortex-M4 the same holds of `-O0`, `-O3` and `-Os`. In C two NaNs count as the same float,',
    'whatever their sign and payload.',
    '',
    '## TensorFlow Lite operators',
    '',
    'How many outputs of TensorFlow Lite Micro’s reference kernels are recorded for each operator that can be imported.',
    'Integers must be the same to the last bit, floats within 1e-5 of the largest magnitude, by definition and in C on the',
    'host and the Cortex-M4.',
    '',
    ...table(['operator', 'recorded outputs', 'exceptions'], supportedRows()),
    '',
    'Those that cannot, and what to do about each:',
    '',
    ...table(['operator', 'nearest way out'], unsupportedRows()),
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Counts of cases: a row an operator, a column a type of the first input. */
function operatorTable(): string[] {
  const inputType = ({ inputs: [first] }: Case): string => first?.type.dtype ?? '';
  const outputType = ({ outputs: [first] }: Case): string => first?.dtype ?? '';
  const all: readonly Case[] = Object.values(cases).flat();
  const columns = ['f32', 'i8', 'u8', 'i16', 'i32', 'i64', 'bool'].filter((dtype) =>
    all.some((one) => inputType(one) === dtype),
  );
  const rows = Object.entries(cases).map(([op, list]) => [
    op,
    ...columns.map((column) => {
      const ofColumn = list.filter((one) => inputType(one) === column);
      const outputs = [...new Set(ofColumn.map(outputType))];
      return outputs
        .map((output) => {
          const count = ofColumn.filter((one) => outputType(one) === output).length;
          return output === column ? `${count}` : `${count} → ${output}`;
        })
        .join(', ');
    }),
  ]);
  const totals = columns.map((column) => `${all.filter((one) => inputType(one) === column).length}`);
  return table(['operator', ...columns], [...rows, ['all', ...totals]]);
}

function executorRows(): string[][] {
  return [
    ['interpreter', 'loops of the kernel IR, one by one', '', 'integers of the definition, floats within 1e-5 of it'],
    ...targets.map((target) => [target.name, target.description, needs(target), 'the bytes of the interpreter']),
  ];
}

function needs(target: Target): string {
  if (target.output === 'wasm') return '';
  if (target.name === 'host') return '`gcc` with its sanitizers';
  const board = Object.values<Board>(boards).find(({ name }) => name === target.name);
  if (board === undefined) throw new Error(`no machine runs ${target.name}`);
  return [board.compiler, ...(board.qemu === undefined ? [] : [board.qemu.program])]
    .map((tool) => `\`${tool}\``)
    .join(', ');
}

const infinities = 'infinities stay infinite, where the reference clamps them to the largest finite float';

function supportedRows(): string[][] {
  const recorded = readVectors();
  const names = Object.keys(conversions);
  const unknown = recorded.find(({ op }) => !names.includes(op));
  if (unknown !== undefined) throw new Error(`outputs are recorded of ${unknown.op}, which is not supported`);
  return names.map((op) => {
    const vectors = recorded.find((one) => one.op === op)?.vectors ?? [];
    const refused = vectors.flatMap((one) => (one.refused === undefined ? [] : `${one.name}: refused`));
    return [
      op,
      vectors.length === 0 ? '' : `${vectors.length - refused.length}`,
      [...refused, ...(['ADD', 'SUB', 'MUL'].includes(op) ? [infinities] : [])].join('; '),
    ];
  });
}

function unsupportedRows(): string[][] {
  const wayOut = (op: (typeof enums.BuiltinOperator.names)[number]): string =>
    describeUnsupported({
      op,
      opcodeIndex: 0,
      inputs: [],
      outputs: [],
      mutatingVariableInputs: [],
      intermediates: [],
    }).nearest ?? '';
  const names = enums.BuiltinOperator.names.filter(
    (name) => !(name in conversions) && name !== 'PLACEHOLDER_FOR_GREATER_OP_CODES',
  );
  const stableHlo = names.filter((name) => name.startsWith('STABLEHLO_'));
  const others = names.filter((name) => !stableHlo.includes(name) && name !== 'CUSTOM');
  const [first] = stableHlo;
  return [
    ...[...others].sort().map((name) => [name, wayOut(name)]),
    ...(first === undefined ? [] : [[`STABLEHLO_… (${stableHlo.length})`, wayOut(first)]]),
    ['CUSTOM', 'depends on its code, and is named when a model has it'],
  ];
}
