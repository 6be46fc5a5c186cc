// Typed access to a parsed document, JSON or the like: what is missing or of another kind is a fault with its path, and reads as nothing,
// so that all faults of a file are found.
import type { FileReport } from './file-report.ts';

type List = readonly unknown[] | Float32Array | Float64Array | Int32Array | Uint8Array;

const isList = (value: unknown): value is List => Array.isArray(value) || ArrayBuffer.isView(value);

/** What a value is, for messages. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (isList(value)) return `a list of ${value.length}`;
  const text = JSON.stringify(value) ?? String(value);
  return typeof value === 'object' ? 'an object' : text;
}

/** `nan`, `inf` and numbers in quotes are numbers too; null is NaN. */
function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === null) return Number.NaN;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const word = value.trim().toLowerCase();
  if (word === 'nan') return Number.NaN;
  if (/^[+-]?inf(inity)?$/.test(word)) return word.startsWith('-') ? -Infinity : Infinity;
  const number = Number(word);
  return Number.isNaN(number) ? undefined : number;
}

/** Features, classes or neighbours of a model that is for a small device: more are a mistake, or an attack. */
const mostCount = 2 ** 20;

/** A part of a document. Lists of another length than asked for read as empty. */
export class Part {
  readonly value: unknown;
  readonly path: string;
  readonly #report: FileReport;

  constructor(value: unknown, path: string, report: FileReport) {
    this.value = value;
    this.path = path;
    this.#report = report;
  }

  get exists(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  fault(reason: string, help?: string): void {
    this.#report.fault({}, this.path, reason, help);
  }

  #due(what: string): void {
    this.fault(`${what} is due, found ${kindOf(this.value)}`);
  }

  /** A member of an object. */
  at(key: string): Part {
    const { value } = this;
    const isObject = typeof value === 'object' && value !== null && !isList(value);
    const member = isObject && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    return new Part(member, this.path === '' ? key : `${this.path}.${key}`, this.#report);
  }

  /** The elements of a list. */
  items(): readonly Part[] {
    if (!isList(this.value)) {
      this.#due('a list');
      return [];
    }
    return Array.from(this.value, (item, i) => new Part(item, `${this.path}[${i}]`, this.#report));
  }

  number(): number {
    const number = asNumber(this.value);
    if (number === undefined) this.#due('a number');
    return number ?? 0;
  }

  /** A whole number of `least` to `most`. */
  count(least = 0, most = mostCount): number {
    const number = asNumber(this.value);
    if (number !== undefined && Number.isSafeInteger(number) && number >= least && number <= most) return number;
    this.#due(`a whole number of ${least} to ${most}`);
    return least;
  }

  text(): string {
    if (typeof this.value === 'string') return this.value;
    this.#due('a text');
    return '';
  }

  /** Numbers, as many as said if that is said. */
  numbers(length?: number): Float64Array {
    const { value } = this;
    if (!isList(value)) {
      this.#due('a list of numbers');
      return new Float64Array(0);
    }
    if (length !== undefined && value.length !== length) {
      this.#due(`a list of ${length} numbers`);
      return new Float64Array(0);
    }
    const numbers = new Float64Array(value.length);
    for (let i = 0; i < value.length; i += 1) {
      const number = asNumber(value[i]);
      if (number === undefined) {
        this.fault(`element ${i} is not a number: ${kindOf(value[i])}`);
        break;
      }
      numbers[i] = number;
    }
    return numbers;
  }

  /** Whole numbers of 32 bits. */
  integers(length?: number): Int32Array {
    const numbers = this.numbers(length);
    const bad = numbers.findIndex((value) => value !== (value | 0));
    if (bad >= 0) this.fault(`element ${bad} is no whole number of 32 bits: ${numbers[bad]}`);
    return Int32Array.from(numbers);
  }

  /** Rows of numbers, all of one length. */
  matrix(
    rows?: number,
    columns?: number,
  ): { readonly rows: number; readonly columns: number; readonly data: Float64Array } {
    const items = this.items();
    if (rows !== undefined && items.length !== rows) this.#due(`a list of ${rows} rows`);
    const width = columns ?? (isList(items[0]?.value) ? items[0].value.length : 0);
    const odd = items.find(({ value }) => !isList(value) || value.length !== width);
    if (odd !== undefined) {
      odd.#due(`a list of ${width} numbers`);
      return { rows: items.length, columns: width, data: new Float64Array(0) };
    }
    const data = new Float64Array(items.length * width);
    items.forEach((item, row) => {
      data.set(item.numbers(width), row * width);
    });
    return { rows: items.length, columns: width, data };
  }
}
