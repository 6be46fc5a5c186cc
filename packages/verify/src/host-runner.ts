// Runs C programs natively, by default with the address and undefined-behaviour sanitizers. Native code has no
// instruction count to offer.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRequest, replyName, requestName } from './exchange.ts';
import { compile, writeSources } from './firmware.ts';
import { firmwareDirectory, glueName, modelFlags, renderGlue, sourceNames } from './glue.ts';
import { defaultTimeoutMs, resultOf, skipping } from './outcome.ts';
import { RunError } from './run-error.ts';
import type { Available, Runner } from './runner.ts';
import { findTools, installHint } from './tools.ts';
import type { Workspace } from './workspace.ts';

export interface HostOptions {
  readonly compiler?: 'gcc' | 'clang';
  /** On unless switched off; the program is then compiled with `-O1` unless told otherwise. */
  readonly sanitize?: boolean;
}

const sanitizers = ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** A runner for this machine; named `host` (gcc, sanitizers), `host-clang`, `host-plain`, `host-clang-plain`. */
export function createHostRunner(
  workspace: Workspace,
  { compiler = 'gcc', sanitize = true }: HostOptions = {},
): Runner {
  const name = ['host', ...(compiler === 'gcc' ? [] : [compiler]), ...(sanitize ? [] : ['plain'])].join('-');
  // A compiler may be there without the run-time library of its sanitizers, which only linking tells.
  const probe = async (): Promise<Available> => {
    const found = await findTools(workspace, [compiler]);
    if (!found.ok || !sanitize) return found;
    const directory = await workspace.newDirectory(`${name}-probe`);
    await writeFile(join(directory, 'probe.c'), 'int main(void) { return 0; }\n');
    const { code } = await workspace.execute(compiler, [...sanitizers, 'probe.c', '-o', 'probe'], { cwd: directory });
    if (code === 0) return found;
    const missing = `${compiler}-sanitizers`;
    return { ok: false, missing, install: installHint(missing) };
  };
  let probed: Promise<Available> | undefined;
  const available = (): Promise<Available> => (probed ??= probe());
  return {
    name,
    kind: 'host',
    available,
    run: (program, inferences, options = {}) =>
      skipping(async () => {
        const found = await available();
        if (!found.ok) throw new RunError({ code: 'missing-tool', tool: found.missing, install: found.install });
        const request = encodeRequest(name, program, inferences, options.dumpLayer);
        const directory = await workspace.newDirectory(name);
        try {
          await writeSources(program, directory);
          await writeFile(join(directory, glueName), renderGlue(program, options));
          await writeFile(join(directory, requestName), request);
          const optimise = options.optimise ?? [sanitize ? '-O1' : '-O2'];
          const extra = sanitize ? sanitizers : [];
          const objects: string[] = [];
          for (const source of sourceNames(program)) {
            const object = `${source.slice(0, -2)}.o`;
            const flags = [...modelFlags(program, { ...options, optimise }), ...extra];
            await compile(workspace, compiler, [...flags, '-c', source, '-o', object], directory);
            objects.push(object);
          }
          const harness = ['harness.c', 'host.c'].map((file) => join(firmwareDirectory, file));
          const flags = ['-O1', '-Wall', '-DHARNESS_HOST', '-I', firmwareDirectory, ...extra];
          await compile(workspace, compiler, [...flags, glueName, ...harness, ...objects, '-o', 'program'], directory);
          const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
          const { code, signal, stderr, timedOut } = await workspace.execute(join(directory, 'program'), [], {
            cwd: directory,
            timeoutMs,
          });
          if (timedOut) throw new RunError({ code: 'timed-out', runner: name, timeoutMs });
          if (code !== 0) {
            const detail = `${signal ?? `exit code ${code}`}: ${stderr.trim()}`;
            throw new RunError({ code: 'crashed', runner: name, detail });
          }
          const reply = await readFile(join(directory, replyName));
          return resultOf(name, program, inferences.length, reply, options);
        } finally {
          await rm(directory, { recursive: true, force: true });
        }
      }),
  };
}
