// Where the command line writes: results to stdout, progress and complaints to stderr, colours only on a terminal.
import picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

export interface Terminal {
  write(text: string): void;
  writeError(text: string): void;
  /** Of stdout. */
  readonly colours: Colours;
  /** Of stderr. */
  readonly errorColours: Colours;
  /** Whether somebody watches stderr, so that progress may be drawn there. */
  readonly interactive: boolean;
  /** Columns of stdout; 120 where nobody knows. */
  readonly columns: number;
}

/** The terminal this process writes to. */
export function processTerminal(): Terminal {
  const { stdout, stderr, env } = process;
  const plain = env.NO_COLOR !== undefined && env.NO_COLOR !== '';
  // A reader that has seen enough, such as `head`, is no error.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
  return {
    write: (text) => {
      stdout.write(text);
    },
    writeError: (text) => {
      stderr.write(text);
    },
    colours: picocolors.createColors(stdout.isTTY === true && !plain),
    errorColours: picocolors.createColors(stderr.isTTY === true && !plain),
    interactive: stderr.isTTY === true,
    columns: stdout.columns || 120,
  };
}
