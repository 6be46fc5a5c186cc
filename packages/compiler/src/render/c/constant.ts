// Constants as definitions in C: aligned arrays of numbers.
import { assert } from '../../errors.ts';
import { type MemoryType, memoryBytes, type Region } from '../../kernel/ir.ts';
import type { Data } from '../../tensor/dtype.ts';
import type { Program } from '../program.ts';
import { doubleLiteral, floatLiteral, memoryTypeC } from './expression.ts';

/** Numbers on a line of a constant's initialiser. */
const perLine: Readonly<Record<MemoryType, number>> = { i8: 24, u8: 24, i16: 16, i32: 10, i64: 6, f32: 8, f64: 5 };

/** A constant's definition, by lines. */
export function renderConstant(program: Program, name: string, region: Region): string[] {
  const { data, type } = region;
  assert(data !== undefined, `constant ${name} has no data`);
  const lines: string[] = [];
  for (let start = 0; start < data.length; start += perLine[type]) {
    lines.push(`  ${elements(data.subarray(start, start + perLine[type]), data.length > longTable).join(', ')},`);
  }
  const aligned = `${program.prefix.toUpperCase()}_ALIGNED(${Math.max(4, memoryBytes[type])})`;
  return [`static const ${memoryTypeC[type]} ${name}[${region.length}] ${aligned} = {`, ...lines, '};'];
}

/** Beyond so many elements nobody reads numbers, and finding their shortest texts takes seconds. */
const longTable = 65_536;

/** Nine digits tell every float from its neighbours. */
function nineDigits(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  const text = Object.is(value, -0) ? '-0.0' : value.toPrecision(9);
  return `${text}${/[.e]/.test(text) ? '' : '.0'}f`;
}

function elements(data: Data, isLong: boolean): readonly string[] {
  if (data instanceof Float32Array) {
    const literal = isLong ? nineDigits : floatLiteral;
    return Array.from(data, (value) => literal(value) ?? nonFinite(value));
  }
  if (data instanceof Float64Array) return Array.from(data, (value) => doubleLiteral(value) ?? nonFinite(value));
  if (data instanceof BigInt64Array) {
    const smallest = '-INT64_C(9223372036854775807) - 1';
    return Array.from(data, (value) =>
      value >= 0n ? `INT64_C(${value})` : value === -(2n ** 63n) ? smallest : `-INT64_C(${-value})`,
    );
  }
  return Array.from(data, (value) => (value === -2147483648 ? '-2147483647 - 1' : String(value)));
}

const nonFinite = (value: number): string => (Number.isNaN(value) ? 'NAN' : value < 0 ? '-INFINITY' : 'INFINITY');

export const hasNonFinite = (data: Data | undefined): boolean =>
  (data instanceof Float32Array || data instanceof Float64Array) && data.some((value) => !Number.isFinite(value));
