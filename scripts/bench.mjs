// `npm run bench`: measures the repository's model and the stateless models of the golden file on every emulated core, and
// writes tests/golden/instructions.json and docs/benchmarks.md. Sets everything up first. The golden file and its models
// are looked for beside the repository (../shared) or in $ANYMOTE_SHARED; without them their recorded costs stay.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { modelPaths } from './model-paths.mjs';
import { root, setUp } from './setup.mjs';

const usage = `Usage: npm run bench -- [options]

  --models a,b    only these models
  --targets a,b   only these targets
  --check         write nothing; fail where a cost differs from what is recorded
  --jobs n        so many measurements at a time; one per processor unless given
  --help          this text

Examples:
  npm run bench
  npm run bench -- --models gestures,kws_ref_model --targets cortex-m4
  npm run bench -- --check --targets cortex-m4
`;

const costsPath = join(root, 'tests/golden/instructions.json');
const pagePath = join(root, 'docs/benchmarks.md');

function parseArguments(args) {
  const options = { check: false, jobs: availableParallelism() };
  for (let i = 0; i < args.length; i++) {
    const option = args[i];
    if (option === '--check' || option === '--help') {
      options[option.slice(2)] = true;
    } else if (['--models', '--targets', '--jobs'].includes(option)) {
      const value = args[++i];
      if (value === undefined || value.startsWith('--')) throw new Error(`${option} needs a value`);
      options[option.slice(2)] = option === '--jobs' ? Number(value) : value.split(',').filter(Boolean);
    } else throw new Error(`unknown option ${option}`);
  }
  if (!Number.isInteger(options.jobs) || options.jobs < 1) throw new Error('--jobs needs a number from 1 on');
  return options;
}

/** The first name of a list that is none, in words. */
function unknownName(what, list, known) {
  const wrong = list?.find((name) => !known.includes(name));
  return wrong === undefined ? undefined : `unknown ${what} ${wrong}: there are ${known.join(', ')}`;
}

async function main(args) {
  let options;
  try {
    options = parseArguments(args);
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (!(await setUp({ optional: false })).ok) return 1;
  const distribution = (name) => import(new URL(`../packages/${name}/dist/index.js`, import.meta.url).href);
  const compiler = await distribution('compiler');
  const verify = await distribution('verify');

  const names = verify.benchmarkModels.map(({ name }) => name);
  const problem =
    unknownName('model', options.models, names) ?? unknownName('target', options.targets, verify.benchmarkTargets);
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    return 2;
  }
  const paths = modelPaths(names);
  const graphs = new Map(
    Object.entries(paths).map(([name, path]) => [name, compiler.readModel(readFileSync(path), { file: path })]),
  );
  const jobs = (options.models ?? names)
    .filter((model) => graphs.has(model))
    .flatMap((model) => (options.targets ?? verify.benchmarkTargets).map((target) => ({ model, target })));
  const before = existsSync(costsPath) ? JSON.parse(readFileSync(costsPath, 'utf8')) : verify.noCosts;
  let after = before;
  let differences = 0;
  let done = 0;
  const workspace = verify.openWorkspace();
  try {
    await inParallel(jobs, options.jobs, async ({ model, target }) => {
      const graph = graphs.get(model);
      const report = await verify.benchModel(graph, workspace, { target });
      after = verify.withReport(after, graph, model, report);
      const changes = verify.describeChanges(before.models[model]?.costs[target], verify.recordedCostOf(report));
      differences += changes.length;
      done++;
      process.stderr.write(`${done}/${jobs.length} ${model} on ${target}: ${report.instructions} instructions\n`);
      for (const change of changes) process.stdout.write(`${model} on ${target}: ${change}\n`);
    });
  } finally {
    workspace.close();
  }
  if (options.check) {
    process.stdout.write(differences === 0 ? 'as recorded\n' : `${differences} differences\n`);
    return differences === 0 ? 0 : 1;
  }
  writeFileSync(costsPath, verify.formatRecordedCosts(after));
  const peers = JSON.parse(readFileSync(join(root, 'docs/peers.json'), 'utf8'));
  writeFileSync(pagePath, verify.renderBenchmarkPage({ costs: after, peers }));
  return 0;
}

/** `job` on every item, at most `limit` at a time. */
async function inParallel(items, limit, job) {
  const waiting = [...items];
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await job(item);
  };
  await Promise.all(Array.from({ length: limit }, work));
}

process.exitCode = await main(process.argv.slice(2));
