// What ends a command: a message for the user and the exit code. Everything a command line can get wrong is one of these
// or a CompileError; anything else is a mistake of ours.

export class Failure extends Error {
  readonly exitCode: 1 | 2;
  /** Each is a complaint of its own. */
  readonly complaints: readonly string[];

  /** `exitCode` 1: something about files or results; 2: wrong usage. */
  constructor(complaints: string | readonly string[], exitCode: 1 | 2 = 1) {
    const all = typeof complaints === 'string' ? [complaints] : complaints;
    super(all.join('\n'));
    this.name = 'Failure';
    this.exitCode = exitCode;
    this.complaints = all;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file of that name is in the way',
  ENOSPC: 'no space is left',
  EROFS: 'the file system is read-only',
};

/** A failed operation on a file as a Failure; errors that are none are passed on. */
export function fileFailure(verb: 'read' | 'write', path: string, error: unknown): Error {
  if (!(error instanceof Error) || !('code' in error)) return error instanceof Error ? error : new Error(String(error));
  return new Failure(`cannot ${verb} ${path}: ${reasons[String(error.code)] ?? error.message}`);
}
