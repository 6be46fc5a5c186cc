// What can go wrong when a compiled model is built and run, as data, and the only place where it is worded.

export type RunProblem =
  | { readonly code: 'missing-tool'; readonly tool: string; readonly install: string }
  | {
      readonly code: 'does-not-fit';
      readonly board: string;
      readonly memory: 'flash' | 'ram';
      readonly needBytes: number;
      readonly haveBytes: number;
    }
  | { readonly code: 'compile-failed'; readonly command: string; readonly output: string }
  /** The guest trapped; `at` is the function that holds the program counter, where known. */
  | {
      readonly code: 'guest-fault';
      readonly runner: string;
      readonly pc: number;
      readonly at?: string;
      readonly detail: string;
    }
  /** The process ended otherwise than it should: a sanitizer's report, a signal, an emulator's complaint. */
  | { readonly code: 'crashed'; readonly runner: string; readonly detail: string }
  | { readonly code: 'timed-out'; readonly runner: string; readonly timeoutMs: number }
  /** The program ran but broke the contract of generated code, or was called with something else than it takes. */
  | { readonly code: 'contract'; readonly runner: string; readonly detail: string };

/** One problem in words. */
export function explainRun(problem: RunProblem): string {
  switch (problem.code) {
    case 'missing-tool':
      return `${problem.tool} is not installed (${problem.install})`;
    case 'does-not-fit':
      return `needs ${problem.needBytes} bytes of ${problem.memory}, ${problem.board} has ${problem.haveBytes}`;
    case 'compile-failed':
      return `the C compiler refused the program\n${problem.command}\n${problem.output}`;
    case 'guest-fault': {
      const at = problem.at === undefined ? '' : ` in ${problem.at}`;
      return `${problem.runner}: fault at 0x${problem.pc.toString(16).padStart(8, '0')}${at}: ${problem.detail}`;
    }
    case 'crashed':
      return `${problem.runner}: the program ended abnormally: ${problem.detail}`;
    case 'timed-out':
      return `${problem.runner}: no end after ${problem.timeoutMs / 1000} s`;
    case 'contract':
      return `${problem.runner}: ${problem.detail}`;
  }
}

/** A problem that stops a run. */
export class RunError extends Error {
  readonly problem: RunProblem;

  constructor(problem: RunProblem) {
    super(explainRun(problem));
    this.name = 'RunError';
    this.problem = problem;
  }
}
