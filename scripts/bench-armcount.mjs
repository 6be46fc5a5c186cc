// `npm run bench:armcount`: measures the models of `npm run bench` a second time, with the counting plugin and the start-up
// code of ../shared/tools/armcount, which share nothing with ours, and compares. Instructions must be the same to the last
// one, and on Cortex-M4 estimated cycles as well. The plugin is at hand on development machines only.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelPaths } from './model-paths.mjs';
import { root, setUp } from './setup.mjs';

const usage = `Usage: npm run bench:armcount -- [--models a,b] [--targets a,b] [--help]
`;

/** QEMU's machine for a core, and its memories as armcount's linker script wants them. */
const machines = {
  'cortex-m4': { machine: 'mps2-an386', flash: [0, '4M'], ram: [0x20000000, '4M'], model: 'm4' },
  // Code of Armv6-M runs on a Cortex-M3 as well.
  'cortex-m0plus': { machine: 'mps2-an385', flash: [0, '4M'], ram: [0x20000000, '4M'], model: 'm0plus' },
  'cortex-m3': { machine: 'mps2-an385', flash: [0, '4M'], ram: [0x20000000, '4M'] },
  'cortex-m7': { machine: 'mps2-an500', flash: [0, '4M'], ram: [0x20000000, '4M'] },
  'cortex-m33': { machine: 'mps2-an505', flash: [0x10000000, '4M'], ram: [0x38000000, '4M'] },
  'cortex-m55': { machine: 'mps3-an547', flash: [0, '512K'], ram: [0x21000000, '2M'] },
};

/** Measures a function of one instruction first, which tells what the call and the markers cost. */
const mainOf = (prefix, inputs) => `#include <string.h>
#include "harness.h"
#include "${prefix}.h"
${inputs.map((bytes, i) => `static const unsigned char input_${i}[] = {${bytes.join(',')}};`).join('\n')}
static ${prefix}_t model;
__attribute__((naked, noinline)) static void nothing(${prefix}_t *unused)
{
    (void)unused;
    __asm__ volatile("bx lr");
}
__attribute__((noinline, noclone)) static void measure(void (*function)(${prefix}_t *))
{
    bench_begin();
    function(&model);
    bench_end();
}
int main(void)
{
    void (*volatile run)(${prefix}_t *) = ${prefix}_run;
    void (*volatile one)(${prefix}_t *) = nothing;
    ${prefix}_init(&model);
    ${inputs.map((bytes, i) => `memcpy(${prefix}_input(&model, ${i}), input_${i}, ${bytes.length});`).join('\n    ')}
    measure(one);
    measure(run);
    return 0;
}
`;

/** Instructions and cycles of one inference, by the plugin. */
function measure({ directory, armcount, library }, { artifact, inputs, options, target }) {
  const { machine, flash, ram, model } = machines[target.name];
  const { command, options: core } = target.compiler;
  const file = (name) => join(directory, name);
  for (const [name, text] of artifact.files) writeFileSync(file(name), text);
  writeFileSync(file('main.c'), mainOf(artifact.prefix, inputs));
  const compile = (...args) => execFileSync(command, args, { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
  compile(...options, '-c', `${artifact.prefix}.c`, '-o', 'model.o');
  const memory = { FLASH_BASE: flash[0], FLASH_SIZE: flash[1], RAM_BASE: ram[0], RAM_SIZE: ram[1] };
  compile(
    ...[
      ...core,
      '-O2',
      '-I',
      armcount,
      'main.c',
      'model.o',
      join(armcount, 'startup.c'),
      '-T',
      join(armcount, 'link.ld'),
    ],
    ...Object.entries(memory).map(([name, value]) => `-Wl,--defsym=${name}=${value}`),
    ...['-nostartfiles', '-specs=nosys.specs', '-ffunction-sections', '-Wl,--gc-sections', '-o', 'program.elf'],
  );
  const symbols = execFileSync(command.replace(/gcc$/, 'nm'), ['program.elf'], { cwd: directory, encoding: 'utf8' });
  const address = (name) => `0x${new RegExp(`^([0-9a-f]+) . ${name}$`, 'm').exec(symbols)[1]}`;
  const markers = `begin=${address('bench_begin')},end=${address('bench_end')}`;
  execFileSync(
    'qemu-system-arm',
    [
      ...['-M', machine, '-display', 'none', '-monitor', 'none', '-serial', 'none', '-kernel', 'program.elf'],
      ...['-semihosting-config', 'enable=on,target=native'],
      ...['-plugin', `${library},${markers},model=${model ?? 'm4'},out=count.txt`],
    ],
    { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [nothing, run] = [...readFileSync(file('count.txt'), 'utf8').matchAll(/insns (\d+) cycles (\d+)/g)];
  // bx lr is one instruction and, as a taken branch of a Cortex-M4, three cycles.
  const markerCycles = Number(nothing[2]) - 3;
  return {
    instructions: Number(run[1]) - (Number(nothing[1]) - 1),
    cycles: model === undefined ? undefined : Number(run[2]) - markerCycles,
    markers: Number(nothing[1]) - 1,
  };
}

function listOf(args, option) {
  const at = args.indexOf(option);
  return at === -1 ? undefined : (args[at + 1] ?? '').split(',').filter(Boolean);
}

async function main(args) {
  if (args.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  const armcount = join(process.env.ANYMOTE_SHARED ?? join(root, '..', 'shared'), 'tools/armcount');
  if (!existsSync(join(armcount, 'armcount.c'))) {
    process.stderr.write(`${armcount} is not here: nothing to compare with (set ANYMOTE_SHARED)\n`);
    return 1;
  }
  if (!(await setUp({ optional: false })).ok) return 1;
  const distribution = (name) => import(new URL(`../packages/${name}/dist/index.js`, import.meta.url).href);
  const { bytesOf, compile, readModel, targets } = await distribution('compiler');
  const { benchModel, benchmarkModels, lcgSamples, openWorkspace } = await distribution('verify');

  const paths = modelPaths(benchmarkModels.map(({ name }) => name));
  const models = listOf(args, '--models') ?? Object.keys(paths);
  const cores = listOf(args, '--targets') ?? Object.keys(machines);
  const unknown = [...models.filter((name) => !paths[name]), ...cores.filter((name) => !machines[name])];
  if (unknown.length > 0) {
    process.stderr.write(`unknown: ${unknown.join(', ')}\n${usage}`);
    return 2;
  }
  const directory = mkdtempSync(join(tmpdir(), 'anymote-armcount-'));
  const library = join(directory, 'libarmcount.so');
  execFileSync('gcc', ['-O2', '-w', '-shared', '-fPIC', '-o', library, join(armcount, 'armcount.c')]);
  const workspace = openWorkspace();
  let differences = 0;
  try {
    for (const name of models) {
      const graph = readModel(readFileSync(paths[name]), { file: paths[name] });
      const inputs = lcgSamples(graph, 1)[0].inputs.map(bytesOf);
      for (const core of cores) {
        const target = targets.find((one) => one.name === core);
        const report = await benchModel(graph, workspace, { target });
        const artifact = compile(graph, { target });
        const theirs = measure(
          { directory, armcount, library },
          { artifact, inputs, options: report.compilerOptions, target },
        );
        const same = theirs.instructions === report.instructions;
        // rp2040js has a model of its own.
        const sameCycles = core !== 'cortex-m4' || theirs.cycles === report.estimatedCycles;
        if (!same || !sameCycles) differences++;
        const cycles = theirs.cycles === undefined ? '' : `, cycles ${report.estimatedCycles} and ${theirs.cycles}`;
        const verdict = same && sameCycles ? 'same' : 'DIFFERENT';
        process.stdout.write(
          `${verdict} ${name} on ${core}: instructions ${report.instructions} and ${theirs.instructions}${cycles} (markers: ${theirs.markers})\n`,
        );
      }
    }
  } finally {
    workspace.close();
    rmSync(directory, { recursive: true, force: true });
  }
  return differences === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
