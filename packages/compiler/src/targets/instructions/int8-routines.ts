// What the routines for int8 tensors mean: sums of two, functions by table, and pools over windows. How a core does them is in the
// files named after its instructions.
import { add, cast, int, max, min, mul, shr } from '../../kernel/expressions.ts';
import type { Expr, Instr } from '../../kernel/ir.ts';
import { defineInstr } from '../../kernel/writer.ts';
import { averageOffset, averageShift } from '../../tensor/narrow-step.ts';

const memory = (name: string, type: 'i8' | 'i16', access: 'read' | 'write') =>
  ({ name, kind: 'region', type, access, in: 'memory' }) as const;
const count = (name: string) => ({ name, kind: 'scalar', type: 'index' }) as const;
const number = (name: string) => ({ name, kind: 'scalar', type: 'i32' }) as const;

export interface SumVariant {
  readonly shift: number;
  /** Results are clamped to less than int8. */
  readonly clamped: boolean;
}

export const sumName = ({ shift, clamped }: SumVariant): string => `int8_sum_${shift}${clamped ? '_clamped' : ''}`;

/** Shifts a sum may have (tensor/affine-sum.ts). */
export const sumVariants: readonly SumVariant[] = Array.from({ length: 23 }, (_, i) => i + 8).flatMap((shift) =>
  [false, true].map((clamped) => ({ shift, clamped })),
);

/** y[i] = saturate((a[i] * factor_a + b[i] * factor_b + offset) >> shift), for all i; y may be a or b. */
export const sumInstr = ({ shift, clamped }: SumVariant): Instr =>
  defineInstr(
    sumName({ shift, clamped }),
    [
      memory('a', 'i8', 'read'),
      memory('b', 'i8', 'read'),
      memory('y', 'i8', 'write'),
      count('count'),
      number('factor_a'),
      number('factor_b'),
      number('offset'),
      ...(clamped ? [number('low'), number('high')] : []),
    ],
    (k, { a, b, y }, { count: all, factor_a, factor_b, offset, low, high }) => {
      if (!a || !b || !y || !all || !factor_a || !factor_b || !offset) return;
      k.for('i', 0, all, (i) => {
        const sum = add(add(mul(k.load(a, i), factor_a), mul(k.load(b, i), factor_b)), offset);
        const saturated = min(max(shr(sum, shift), int(-128)), int(127));
        k.store(y, i, low && high ? min(max(saturated, low), high) : saturated);
      });
    },
  );

export const mapName = 'int8_map';

/** y[i] = table[x[i]] for all i, the table in the order 0..127, -128..-1; y may be x. */
export const mapInstr: Instr = defineInstr(
  mapName,
  [memory('x', 'i8', 'read'), memory('table', 'i8', 'read'), memory('y', 'i8', 'write'), count('count')],
  (k, { x, table, y }, { count: all }) => {
    if (!x || !table || !y || !all) return;
    k.for('i', 0, all, (i) => k.store(y, i, k.load(table, cast('index', k.load(x, i, 'u8')))));
  },
);

/** What becomes of a window: its average, its largest element, or its sum as 16 bits. */
export type PoolKind = 'average' | 'max' | 'sum';

export const poolKinds: readonly PoolKind[] = ['average', 'max', 'sum'];

export const poolName = (kind: PoolKind): string => `int8_pool_${kind}`;

/** Channels a pool takes at a time: their number must be a multiple. */
export const poolBlock = 8;

/** Most elements of a window that is averaged or summed: sums stay within 16 bits. */
export const mostPooled = 256;

/**
 * Pools windows of rows * columns pixels, each channel by itself: y[output * channels + c] from x[output * output_step + (row *
 * columns + column) * channels + row * row_gap + c]. An average is (sum * factor + 2^23) >> 24, of two elements and more. x is
 * aligned to 4 bytes, as are its steps.
 */
export const poolInstr = (kind: PoolKind): Instr =>
  defineInstr(
    poolName(kind),
    [
      memory('x', 'i8', 'read'),
      memory('y', kind === 'sum' ? 'i16' : 'i8', 'write'),
      count('channels'),
      count('rows'),
      count('columns'),
      count('row_gap'),
      count('outputs'),
      count('output_step'),
      ...(kind === 'average' ? [number('factor')] : []),
    ],
    (k, { x, y }, { channels, rows, columns, row_gap, outputs, output_step, factor }) => {
      if (!x || !y || !channels || !rows || !columns || !row_gap || !outputs || !output_step) return;
      k.for('output', 0, outputs, (output) => {
        k.for('c', 0, channels, (c) => {
          const acc = k.variable('acc', int(kind === 'max' ? -128 : 0));
          k.for('row', 0, rows, (row) => {
            k.for('column', 0, columns, (column) => {
              const pixel = mul(add(mul(row, columns), column), channels);
              const at = add(add(add(mul(output, output_step), pixel), mul(row, row_gap)), c);
              k.set(acc, kind === 'max' ? max(acc, k.load(x, at)) : add(acc, k.load(x, at)));
            });
          });
          const value: Expr = factor ? shr(add(mul(acc, factor), averageOffset), averageShift) : acc;
          k.store(y, add(mul(output, channels), c), value);
        });
      });
    },
  );
