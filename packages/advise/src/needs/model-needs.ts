// What a model needs on every kind of core: bytes of RAM and flash and instructions, for the default build, the smallest, and with less and
// less memory. Plain data, so that it can be kept: compiling takes seconds, asking what fits does not.
import {
  compile,
  dtypeBytes,
  type Execution,
  elementsOf,
  type Graph,
  type OpName,
  type Optimize,
  type Target,
  targets,
} from '@anymote/compiler';
import { cores } from '../chips/cores.ts';

/** One way of compiling the model. */
export interface Build extends Execution {
  /** Options of `compile` that make it: empty for the default. */
  readonly options: string;
  readonly optimize: Optimize;
  readonly macs: number;
  readonly arenaBytes: number;
  /** As predicted. */
  readonly codeBytes: number;
  readonly constantBytes: number;
}

export interface ModelNeeds {
  readonly title: string;
  /** Of one inference. */
  readonly macs: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Layers with weights compute in floats of 32 bits, where int8 would do. */
  readonly floats: boolean;
  /** By target: the default build first. */
  readonly builds: Readonly<Record<string, readonly Build[]>>;
}

const unlimited = { ramBytes: Number.POSITIVE_INFINITY, flashBytes: Number.POSITIVE_INFINITY };

/** Targets that chips of the catalogue use. */
export const usedTargets: readonly string[] = [
  ...new Set(Object.values(cores).flatMap(({ target }) => (target === undefined ? [] : [target]))),
];

/** Compiles the model for all kinds of cores. @throws {CompileError} where it cannot be compiled at all */
export function needsOf(graph: Graph, onProgress?: (target: string) => void): ModelNeeds {
  const known = new Map<string, readonly Build[]>();
  const builds = usedTargets.map((name): readonly [string, readonly Build[]] => {
    const target = targets.find((own) => own.name === name);
    if (target === undefined) return [name, []];
    // Cores with the same instructions and prices get the same code.
    const key = sameCode(target);
    let own = known.get(key);
    if (own === undefined) {
      onProgress?.(name);
      own = buildsFor(graph, target);
      known.set(key, own);
    }
    return [name, own];
  });
  const bytes = (ids: readonly number[]): number =>
    ids.reduce((total, id) => {
      const type = graph.values[id]?.type;
      return total + (type === undefined ? 0 : elementsOf(type) * dtypeBytes[type.dtype]);
    }, 0);
  const [first] = builds[0]?.[1] ?? [];
  return {
    title: graph.name,
    macs: first?.macs ?? 0,
    inputBytes: bytes(graph.inputs),
    outputBytes: bytes(graph.outputs),
    floats: graph.nodes.some(
      ({ op, outputs }) => weighted.includes(op) && outputs.some((id) => graph.values[id]?.type.dtype === 'f32'),
    ),
    builds: Object.fromEntries(builds),
  };
}

const weighted: readonly OpName[] = ['conv2d', 'depthwiseConv2d', 'fullyConnected'];

/** Targets that give the same code and predictions have the same key. */
const sameCode = ({ costs, channelMultiple, packsSums, bytesPerPercent, spellings, alignment }: Target): string =>
  JSON.stringify([costs, channelMultiple, packsSums, bytesPerPercent, alignment, Object.keys(spellings).sort()]);

/** The default, the smallest, and with less memory down to the least; each once. */
function buildsFor(graph: Graph, target: Target): readonly Build[] {
  const make = (optimize: Optimize, ramBytes?: number | 'least'): Build => {
    const memory = { ...unlimited, ...(ramBytes === undefined ? {} : { ramBytes }) };
    const { report } = compile(graph, { target, optimize, memory });
    const options = [
      ...(optimize === 'balanced' ? [] : [`--optimize ${optimize}`]),
      ...(ramBytes === undefined ? [] : [`--ram ${ramBytes}`]),
    ];
    return {
      options: options.join(' '),
      optimize,
      macs: report.macs,
      arenaBytes: report.arenaBytes,
      constantBytes: report.constantBytes,
      ...report.predicted,
    };
  };
  const usual = make('balanced');
  const least = make('balanced', 'least');
  const between = Math.round(Math.sqrt(least.arenaBytes * usual.arenaBytes));
  const some = between < usual.arenaBytes && between > least.arenaBytes ? [make('balanced', between)] : [];
  const builds = [usual, make('size'), ...some, least];
  const key = ({ arenaBytes, codeBytes, constantBytes }: Build): string =>
    [arenaBytes, codeBytes, constantBytes].join(' ');
  return builds.filter((build, i) => builds.findIndex((other) => key(other) === key(build)) === i);
}
