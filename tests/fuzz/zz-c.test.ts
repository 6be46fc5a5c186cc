import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { test } from 'vitest';
import { judge } from './judge.ts';
import { bytesOfMutant, type Mutant, mutants, seedOf } from './mutate.ts';
import { seedGroups } from './seed-models.ts';
test('c', async () => {
  const groups = seedGroups('/work/shared'); const seed = Number(process.env.S), count = Number(process.env.N);
  const list: Mutant[] = []; fc.assert(fc.property(mutants, (m) => { list.push(m); }), { seed, numRuns: count });
  let n = 0; const bad = new Map<string, string>();
  for (const [i, m] of list.entries()) {
    const { outcome: o } = await judge(bytesOfMutant(m, groups), false);
    if (o.kind === 'failed') console.log('FAILED', i, o.problem, o.detail.slice(0, 500));
    if (o.kind !== 'accepted' || o.artifact.report.constantBytes > 60000) continue;
    n++;
    const d = '/tmp/czz' + seed; rmSync(d, { recursive: true, force: true }); mkdirSync(d);
    for (const [f, t] of o.artifact.files) writeFileSync(d + '/' + f, t);
    const p = o.artifact.prefix;
    const flags = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Werror', '-ffp-contract=off'];
    const cmds: [string, string[]][] = [['gcc', [...flags, i % 2 ? '-O2' : '-O3', '-c', p + '.c', '-o', '/dev/null']], ['gcc', [...flags, '-fsyntax-only', 'main.c']]];
    if (i % 8 === 0) cmds.push(['clang', [...flags, '-fsyntax-only', p + '.c', 'main.c']]);
    if (i % 8 === 1) { writeFileSync(d + '/h.cc', `#include "${p}.h"\nint main() { return 0; }\n`); cmds.push(['g++', ['-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only', 'h.cc']]); }
    for (const [c, a] of cmds) { const r = spawnSync(c, a, { cwd: d, encoding: 'utf8' }); if (r.status !== 0) { const key = c + ' ' + (r.stderr.match(/(error|warning): .*/)?.[0] ?? r.stderr.slice(0, 200)).replace(/\d+/g, 'N'); if (!bad.has(key)) { bad.set(key, `${i} ${seedOf(m, groups).name} ${JSON.stringify(m.modelChanges)} ${r.stderr.slice(0, 1500)}`); writeFileSync('/tmp/czz-' + seed + '-' + i + '.tflite', bytesOfMutant(m, groups)); } } }
  }
  console.log('compiled', n); for (const [k, v] of bad) console.log('==', k, '\n', v);
}, 7200000);
