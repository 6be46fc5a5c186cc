// One line on stderr that says what is going on; nothing where nobody watches.
import { shorten } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface Progress {
  show(text: string): void;
  clear(): void;
}

/** A progress line of a terminal. */
export function createProgress(terminal: Terminal): Progress {
  const clearLine = '\r\u001b[2K';
  return {
    show: (text) => {
      if (terminal.interactive) terminal.writeError(`${clearLine}${shorten(text, terminal.columns - 1)}`);
    },
    clear: () => {
      if (terminal.interactive) terminal.writeError(clearLine);
    },
  };
}
