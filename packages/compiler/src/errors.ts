// What a user can cause, as data: the Issue union, CompileError that carries all issues of a model at once, and
// explain(), the only place where they are worded. Everything else that can go wrong is ours, and is an assert().

/** Where something was found: as much of file, subgraph node, tensor and byte offset as is known. */
export interface Where {
  readonly file?: string;
  readonly node?: string;
  readonly tensor?: string;
  readonly byte?: number;
}

export type Issue =
  /** The bytes are not what they claim to be. */
  | {
      readonly code: 'bad-file';
      readonly where: Where;
      readonly format: string;
      readonly reason: string;
      readonly help?: string;
    }
  /** An operator the importer does not know; `nearest` says the way out. */
  | {
      readonly code: 'unsupported-op';
      readonly where: Where;
      readonly format: string;
      readonly op: string;
      readonly nearest?: string;
    }
  /** A known thing in a form that is not supported: a type, a layout, an attribute. */
  | {
      readonly code: 'unsupported';
      readonly where: Where;
      readonly what: string;
      readonly found: string;
      readonly help?: string;
    }
  /** A dimension that is only known at run time. */
  | {
      readonly code: 'dynamic-shape';
      readonly where: Where;
      readonly shape: readonly number[];
      readonly dimension: number;
    }
  /** Values that contradict each other or their definition. */
  | {
      readonly code: 'bad-value';
      readonly where: Where;
      readonly what: string;
      readonly want: string;
      readonly found: string;
      readonly help?: string;
    }
  /** The model needs more than the target has. */
  | {
      readonly code: 'does-not-fit';
      readonly where: Where;
      readonly target: string;
      /** `flash`, `ram`, or the name of a piece of RAM. */
      readonly memory: string;
      readonly needBytes: number;
      readonly haveBytes: number;
      /** The layer that holds the peak of RAM, or has the most constants. */
      readonly layer?: string;
      /** RAM: the most bytes that are alive at one time, which no placement undercuts. */
      readonly leastBytes?: number;
    };

/** All that is wrong with a model, collected, thrown once. */
export class CompileError extends Error {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(issues.map(explain).join('\n'));
    this.name = 'CompileError';
    this.issues = issues;
  }
}

/** Throws when there is anything to complain about. */
export function throwIssues(issues: readonly Issue[]): void {
  if (issues.length > 0) throw new CompileError(issues);
}

/** For what only a mistake of ours can break: never shown to a user as advice. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`internal error: ${what}`);
}

/** The exhaustive switch's last arm. */
export function never(value: never): never {
  throw new Error(`internal error: unhandled case ${JSON.stringify(value)}`);
}

/** Names and lists in a file may be as long as the file. */
const short = (text: string): string => (text.length > 300 ? `${text.slice(0, 299)}…` : text);

const place = (where: Where): string => {
  const parts = [
    where.file,
    where.node === undefined ? undefined : `node ${short(where.node)}`,
    where.tensor === undefined ? undefined : `tensor ${short(where.tensor)}`,
    where.byte === undefined ? undefined : `byte ${where.byte}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
};

const tail = (help: string | undefined): string => (help === undefined ? '' : ` (${help})`);

type DoesNotFit = Extract<Issue, { readonly code: 'does-not-fit' }>;

/** `; layer 02_conv2d holds the peak, …`: where the bytes are. */
function mostIn({ memory, layer, leastBytes, needBytes }: DoesNotFit): string {
  const least =
    leastBytes === undefined
      ? ''
      : leastBytes === needBytes
        ? '; computing layers by rows does not come to less'
        : `; computing layers by rows does not come to less, and no placement of these needs less than ${leastBytes}`;
  if (layer === undefined) return least;
  return `${memory === 'flash' ? `; layer ${layer} has the most constants` : `; layer ${layer} holds the peak`}${least}`;
}

const helpFor = (memory: DoesNotFit['memory']): string =>
  memory === 'flash'
    ? 'optimise for size, quantise more strongly, make that layer smaller, or choose a larger target'
    : 'make the tensors around that layer smaller, fewer channels or a smaller input, or choose a larger target';

/** One issue in words: where, what was found, what would help. */
export function explain(issue: Issue): string {
  const at = place(issue.where);
  switch (issue.code) {
    case 'bad-file':
      return `${at}not a readable ${issue.format} file: ${issue.reason}${tail(issue.help)}`;
    case 'unsupported-op':
      return `${at}${issue.format} operator ${issue.op} is not supported${tail(issue.nearest)}`;
    case 'unsupported':
      return `${at}${issue.what} ${short(issue.found)} is not supported${tail(issue.help)}`;
    case 'dynamic-shape':
      return (
        `${at}shape [${issue.shape.join(', ')}] has no fixed size in dimension ${issue.dimension} ` +
        '(convert the model again with a fixed size there, e.g. batch_size=1 or input_shapes)'
      );
    case 'bad-value':
      return `${at}${issue.what}: expected ${short(issue.want)}, found ${short(issue.found)}${tail(issue.help)}`;
    case 'does-not-fit':
      return (
        `${at}needs ${issue.needBytes} bytes of ${issue.memory}, ${issue.target} has ${issue.haveBytes}` +
        `${mostIn(issue)} (${helpFor(issue.memory)})`
      );
    default:
      return never(issue);
  }
}
