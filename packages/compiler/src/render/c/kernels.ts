// The kernels of a program as C functions with their constants. A kernel that several layers call stands there once, and so do kernels
// that differ only in the contents of constants, which are then handed in; equal constants stand there once. Where code is to be small,
// numbers are handed in as well.

import { assert } from '../../errors.ts';
import type { Kernel, MemoryType, Region } from '../../kernel/ir.ts';
import { memoryBytes } from '../../kernel/ir.ts';
import { expressionsThatNeverWrap } from '../../kernel/ranges.ts';
import type { Spellings } from '../../kernel/spelling.ts';
import { forEachExpr, forEachStmt } from '../../kernel/visit.ts';
import { firstOfEach } from '../constants.ts';
import type { Program, Step } from '../program.ts';
import { comment } from './comment.ts';
import { renderConstant } from './constant.ts';
import { type ExpressionContext, memoryTypeC } from './expression.ts';
import { placeOf } from './memories.ts';
import { indent, renderBody } from './statement.ts';

/** A kernel and the steps that call it. */
interface CalledKernel {
  readonly kernel: Kernel;
  readonly steps: readonly Step[];
}

/** A C function. */
interface Shared {
  readonly name: string;
  readonly kernels: readonly CalledKernel[];
  /** Constants that differ from kernel to kernel, by the name they have in all of them. */
  readonly handedIn: readonly string[];
  /** By parameter, the number of each kernel. */
  readonly numbers: readonly (readonly string[])[];
  /** By number in the text, the parameter that stands for it, if one does. */
  readonly places: readonly (number | undefined)[];
}

export interface RenderedKernels {
  /** Constants and functions, in the order of first calls. */
  readonly definitions: readonly (readonly string[])[];
  /** The call of a step's kernel. */
  readonly call: (step: Step, kernel: Kernel) => string;
  /** Some arguments are read in words, and said to be aligned. */
  readonly byWords: boolean;
  /** Some functions are not to be inlined. */
  readonly noInline: boolean;
}

export interface KernelContext {
  readonly program: Program;
  readonly spellings: Spellings;
  readonly need: (helper: string) => string;
  /** Kernels that differ in numbers share a function. */
  readonly small: boolean;
}

/** Renders every kernel of a program. */
export function renderKernels(context: KernelContext): RenderedKernels {
  const { program } = context;
  const kernels = kernelsOf(program);
  const firsts = firstOfEach(kernels.flatMap(({ kernel }) => kernel.constants));
  const names = new Map<Region, string>();
  for (const { kernel } of kernels) {
    for (const region of kernel.constants) {
      const first = firsts.get(region) ?? region;
      names.set(region, names.get(first) ?? `${program.prefix}_${kernel.name}_${region.name}`);
    }
  }
  const functions = sharedFunctions(kernels, names, context);
  const functionOf = new Map(functions.flatMap((shared) => shared.kernels.map(({ kernel }) => [kernel, shared])));
  const written = new Set<string>();
  const definitions = functions.map((shared) => {
    const constants = shared.kernels.flatMap(({ kernel }) =>
      kernel.constants.flatMap((region) => {
        const name = names.get(region) ?? region.name;
        if (written.has(name)) return [];
        written.add(name);
        return renderConstant(program, name, region);
      }),
    );
    return [...notesOf(shared), ...constants, ...functionLines(shared, names, context)];
  });
  return {
    definitions,
    call: (step, kernel) => {
      const shared = functionOf.get(kernel);
      assert(shared !== undefined, `kernel ${kernel.name} is none of the program's`);
      return renderCall(program, { step, kernel, shared, names });
    },
    noInline: context.small && functions.some((shared) => shared.kernels.length > 1),
    byWords: functions.some((shared) => shared.kernels.some((called) => readByWords(called).length > 0)),
  };
}

/** Every kernel once, in the order in which they are called first. */
export function kernelsOf({ steps }: Program): readonly CalledKernel[] {
  const called = new Map<Kernel, Step[]>();
  for (const step of steps) {
    if (step.kernel !== undefined) called.set(step.kernel, [...(called.get(step.kernel) ?? []), step]);
  }
  return [...called].map(([kernel, own]) => ({ kernel, steps: own }));
}

/** Kernels whose text is the same but for the contents of constants, together. */
function sharedFunctions(
  kernels: readonly CalledKernel[],
  names: ReadonlyMap<Region, string>,
  context: KernelContext,
): readonly Shared[] {
  const alike = new Map<string, { readonly called: CalledKernel; readonly numbers: readonly string[] }[]>();
  for (const called of kernels) {
    const { constants } = called.kernel;
    const all = { kernels: [called], handedIn: constants.map(({ name }) => name), numbers: [], places: [] };
    const types = constants.map(({ name, type }) => `${type} ${name}`);
    const lines = functionLines({ ...all, name: '' }, names, context);
    const [text, numbers] = context.small
      ? withoutNumbers(lines.join('\n').replaceAll('restrict ', ''))
      : [lines.join('\n'), []];
    const key = [...types, ...readByWords(called), text].join('\n');
    alike.set(key, [...(alike.get(key) ?? []), { called, numbers }]);
  }
  return [...alike.values()].map((group): Shared => {
    const kernels = group.map(({ called }) => called);
    const [first] = kernels;
    assert(first !== undefined, 'no kernel');
    const differ = first.kernel.constants.filter((_, i) => {
      const own = kernels.map(({ kernel }) => kernel.constants[i]).map((region) => region && names.get(region));
      return new Set(own).size > 1;
    });
    const parameters = new Map<string, number>();
    const places = (group[0]?.numbers ?? []).map((_, i) => {
      const own = group.map(({ numbers }) => numbers[i] ?? '');
      if (new Set(own).size === 1) return undefined;
      const key = own.join();
      parameters.set(key, parameters.get(key) ?? parameters.size);
      return parameters.get(key);
    });
    return {
      name: `${context.program.prefix}_${first.kernel.name}`,
      kernels,
      handedIn: differ.map(({ name }) => name),
      numbers: [...parameters.keys()].map((key) => key.split(',')),
      places,
    };
  });
}

/**
 * Numbers that may become parameters: whole ones of 32 bits, but for sizes of arrays, constants of 64 bits, and what is stored as it
 * stands, which would then need a cast.
 */
const numbersInText = /(?<![\w.]|INT64_C\(-?|\w\[|\] = -?)\b\d{1,9}\b(?![.\w])/g;

/** A text without these, and the numbers in their order. */
const withoutNumbers = (text: string): readonly [text: string, numbers: readonly string[]] => [
  text.replace(numbersInText, '#'),
  text.match(numbersInText) ?? [],
];

/** What the function computes, for each layer of its own. */
function notesOf({ kernels }: Shared): readonly string[] {
  const notes = [...new Set(kernels.map(({ kernel }) => kernel.note))];
  const last = notes.pop() ?? '';
  const [first, ...more] = notes;
  return first === undefined
    ? [`/* ${comment(last)} */`]
    : [`/* ${comment(first)}`, ...more.map(also), `${also(last)} */`];
}

const also = (note: string): string => ` * ${comment(note)}`;

/** The function: constants by their names, those that are handed in by the names of its parameters. */
function functionLines(
  { name, kernels, handedIn, numbers, places }: Shared,
  names: ReadonlyMap<Region, string>,
  { program, spellings, need, small }: KernelContext,
): string[] {
  const [called] = kernels;
  assert(called !== undefined, 'no kernel');
  const { kernel } = called;
  const types = new Map<string, MemoryType>();
  for (const region of [...kernel.arguments, ...kernel.constants]) types.set(region.name, region.type);
  forEachStmt(kernel.body, (stmt) => {
    if (stmt.kind === 'alloc') types.set(stmt.region.name, stmt.region.type);
  });
  const given = kernel.constants.filter((region) => handedIn.includes(region.name));
  const constants = new Map(
    kernel.constants.map((region) => [region.name, given.includes(region) ? region.name : names.get(region)]),
  );
  const context: ExpressionContext = {
    neverWraps: expressionsThatNeverWrap(kernel.body, kernel.constants),
    spellings,
    fnName: (fn) => fn,
    regionType: (region) => types.get(region) ?? 'i32',
    regionName: (region) => constants.get(region) ?? region,
    variableName: (variable) => variable,
    need,
  };
  const distinct = kernels.every((own) => own.steps.every((step) => argumentsAreDistinct(own.kernel, step)));
  const pointer = distinct ? 'restrict ' : '';
  const params = [
    ...kernel.arguments.map(
      ({ name: own, type, access }) => `${access === 'read' ? 'const ' : ''}${memoryTypeC[type]} *${pointer}${own}`,
    ),
    ...given.map(({ name: own, type }) => `const ${memoryTypeC[type]} *${pointer}${own}`),
    ...numbers.map((_, i) => `int32_t ${parameter(i)}`),
  ];
  const wide = wordRegions(kernel);
  const atWords = [
    ...readByWords(called),
    ...given.filter((region) => wide.has(region.name) && memoryBytes[region.type] < 4).map((region) => region.name),
  ];
  const shared = small && kernels.length > 1 ? `${noInline(program)} ` : '';
  const attribute = kernel.compact ? `${compactName(program)} ` : shared;
  return [
    `static ${attribute}void ${name}(${params.join(', ')})`,
    '{',
    ...indent([
      ...atWords.map((region) => alignment(program, region)),
      ...withParameters(renderBody(kernel.body, context), places),
    ]),
    '}',
  ];
}

/** Attribute of functions that are to stand there once. */
export const compactName = ({ prefix }: Pick<Program, 'prefix'>): string => `${prefix.toUpperCase()}_COMPACT`;

export const noInline = ({ prefix }: Pick<Program, 'prefix'>): string => `${prefix.toUpperCase()}_ROUTINE`;

const parameter = (index: number): string => `number_${index}`;

/** The lines with parameters in the places of numbers. */
function withParameters(lines: readonly string[], places: Shared['places']): readonly string[] {
  if (places.length === 0) return lines;
  let next = 0;
  const replaced = lines.join('\n').replace(numbersInText, (number) => {
    const own = places[next];
    next += 1;
    return own === undefined ? number : parameter(own);
  });
  return replaced.split('\n');
}

/** Regions that are accessed in words. */
function wordRegions(kernel: Kernel): ReadonlySet<string> {
  const wide = new Set<string>();
  const note = (region: string, memory: MemoryType): void => {
    if (memoryBytes[memory] === 4) wide.add(region);
  };
  forEachStmt(kernel.body, (stmt) => {
    if (stmt.kind === 'store') note(stmt.region, stmt.memory);
  });
  forEachExpr(kernel.body, (expr) => {
    if (expr.kind === 'load') note(expr.region, expr.memory);
  });
  return wide;
}

/** Arguments accessed in words, which lie at whole words of the arena: cores that take no others need to know. */
function readByWords({ kernel, steps }: CalledKernel): readonly string[] {
  const wide = wordRegions(kernel);
  return kernel.arguments.flatMap(({ name, type }, i) =>
    wide.has(name) && memoryBytes[type] < 4 && steps.every(({ offsets }) => (offsets[i] ?? 1) % 4 === 0) ? [name] : [],
  );
}

const alignment = ({ prefix }: Program, region: string): string =>
  `${region} = ${prefix.toUpperCase()}_AT_WORDS(${region});`;

/** No two arguments share a byte, so that the pointers may be `restrict`. */
function argumentsAreDistinct(kernel: Kernel, step: Step): boolean {
  const spans = kernel.arguments.map((argument, i) => {
    const start = step.offsets[i] ?? 0;
    return { start, end: start + argument.length * memoryBytes[argument.type] };
  });
  return spans.every((a, i) => spans.every((b, j) => i === j || a.end <= b.start || b.end <= a.start));
}

/** Alignment is the planner's: every offset suits its type, so the detour over void silences no real danger. */
function renderCall(
  program: Program,
  called: {
    readonly step: Step;
    readonly kernel: Kernel;
    readonly shared: Shared;
    readonly names: ReadonlyMap<Region, string>;
  },
): string {
  const { step, kernel, shared, names } = called;
  const args = kernel.arguments.map((argument, i) => {
    const constness = argument.access === 'read' ? 'const ' : '';
    return `(${constness}${memoryTypeC[argument.type]} *)(void *)(${placeOf(program, step.offsets[i] ?? 0)})`;
  });
  const given = kernel.constants.filter(({ name }) => shared.handedIn.includes(name));
  const own = shared.kernels.findIndex((called) => called.kernel === kernel);
  const numbers = shared.numbers.map((column) => column[own] ?? '');
  return `${shared.name}(${[...args, ...given.map((region) => names.get(region) ?? region.name), ...numbers].join(', ')});`;
}
