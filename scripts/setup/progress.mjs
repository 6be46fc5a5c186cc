// Runs one command at a time and says, a line per step on stderr, what is being done and how long it took.
// The command's own output is kept back and handed to the caller, who shows it where the step failed.
import { spawn } from 'node:child_process';

const quickMs = 2_000;
const stillRunningMs = 30_000;

/** A step's line, always of one shape: `[set-up] npm packages: installed (12.3 s)`. */
export function say(label, text, seconds) {
  const time = seconds === undefined ? '' : ` (${seconds.toFixed(1)} s)`;
  process.stderr.write(`[set-up] ${label}: ${text}${time}\n`);
}

/** Seconds since `startMs`, a value of `performance.now()`. */
export const secondsSince = (startMs) => (performance.now() - startMs) / 1000;

/** The last lines of a command's output, indented, for a message about its failure. */
export function lastLines(output, count = 25) {
  const lines = output.trimEnd().split('\n');
  return lines.slice(-count).map((line) => `    ${line}`);
}

/**
 * Runs `command` without a terminal to ask questions on, and resolves when it ended; never rejects.
 * `doing` is the text shown while it runs. Resolves to `{ ok, output, seconds }`; a command that is not there or
 * ran longer than `limitSeconds` is not ok, and its output says so.
 */
export function runCommand(label, doing, command, args, { cwd, env, limitSeconds = 1800, verbose = false } = {}) {
  const start = performance.now();
  const live = process.stderr.isTTY && !verbose;
  // A step that is over at once needs no line that it began.
  const announce = setTimeout(() => say(label, doing), verbose ? 0 : quickMs);
  const tick = setInterval(
    () => {
      if (live) process.stderr.write(`\r[set-up] ${label}: ${doing} (${secondsSince(start).toFixed(0)} s) `);
      else if (!verbose) say(label, `still ${doing}`, secondsSince(start));
    },
    live ? 500 : stillRunningMs,
  );
  if (live) clearTimeout(announce);

  return new Promise((resolve) => {
    let output = '';
    const finish = (ok, note = '') => {
      for (const timer of [announce, tick, limit]) clearTimeout(timer);
      if (live) process.stderr.write('\r\x1b[K');
      resolve({ ok, output: output + note, seconds: secondsSince(start) });
    };
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      // A grandchild may keep the pipes open, so `close` is not waited for.
      child.stdout.destroy();
      child.stderr.destroy();
      finish(false, `\n${command} was stopped after ${limitSeconds} s\n`);
    }, limitSeconds * 1000);
    const keep = (chunk) => {
      output += chunk;
      if (verbose) process.stderr.write(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => finish(false, `${command}: ${error.message}\n`));
    child.on('close', (code, signal) => finish(code === 0, signal ? `\n${command} was ended by ${signal}\n` : ''));
  });
}
