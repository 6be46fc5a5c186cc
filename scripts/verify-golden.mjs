// `npm run verify:golden`: every stateless model of the golden file on every target, as a table. Sets everything up
// first. The file and its models are looked for beside the repository (../shared) or in $ANYMOTE_SHARED.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

const usage = `Usage: npm run verify:golden -- [options]

  --targets a,b   only these targets
  --models a,b    only these models
  --optimize g    speed, balanced (the default) or size
  --without a,b   leave out these passes and tactics, to see what each gains
  --json          the report as JSON
  --help          this text
`;

/** The value of an option, split at commas. */
function listOf(args, option) {
  const at = args.indexOf(option);
  return at === -1 ? undefined : (args[at + 1] ?? '').split(',').filter(Boolean);
}

function usageProblem(args) {
  const valued = ['--targets', '--models', '--optimize', '--without'];
  const plain = ['--json', '--help'];
  for (let i = 0; i < args.length; i++) {
    if (valued.includes(args[i])) {
      i++;
      if (args[i] === undefined || args[i].startsWith('--')) return `${args[i - 1]} needs a value`;
    } else if (!plain.includes(args[i])) return `unknown option ${args[i]}`;
  }
  return null;
}

async function main(args) {
  const problem = usageProblem(args);
  if (problem !== null) {
    process.stderr.write(`${problem}\n\n${usage}`);
    return 2;
  }
  if (args.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  const shared = process.env.ANYMOTE_SHARED ?? join(root, '..', 'shared');
  const file = join(shared, 'models', 'golden-tflm.json');
  if (!existsSync(file)) {
    process.stderr.write(`${file} is not here: set ANYMOTE_SHARED to the folder that holds models/golden-tflm.json\n`);
    return 1;
  }
  if (!(await setUp({ optional: false })).ok) return 1;
  const { ideas, targets: known } = await import(new URL('../packages/compiler/dist/index.js', import.meta.url).href);
  const { verifyGolden, renderGoldenTable } = await import(
    new URL('../packages/verify/dist/index.js', import.meta.url).href
  );
  const golden = JSON.parse(readFileSync(file, 'utf8'));
  const targets = listOf(args, '--targets') ?? known.map(({ name }) => name);
  const models = listOf(args, '--models');
  const names = known.map(({ name }) => name);
  const unknown = [
    ...targets.filter((name) => !names.includes(name)).map((name) => `target ${name}: there are ${names.join(', ')}`),
    ...(models ?? [])
      .filter((name) => golden.models[name] === undefined)
      .map((name) => `model ${name}: there are ${Object.keys(golden.models).join(', ')}`),
  ];
  const [optimize = 'balanced'] = listOf(args, '--optimize') ?? [];
  if (!['speed', 'balanced', 'size'].includes(optimize))
    unknown.push(`goal ${optimize}: there are speed, balanced, size`);
  const without = listOf(args, '--without') ?? [];
  for (const idea of without.filter((name) => !ideas.includes(name)))
    unknown.push(`idea ${idea}: there are ${ideas.join(', ')}`);
  if (unknown.length > 0) {
    process.stderr.write(unknown.map((text) => `unknown ${text}\n`).join(''));
    return 2;
  }
  const start = performance.now();
  const rows = await verifyGolden(golden, shared, targets, {
    optimize,
    without,
    ...(models === undefined ? {} : { models }),
    onProgress: ({ model, report, done, total }) => {
      const seconds = Math.round((performance.now() - start) / 1000);
      process.stderr.write(`${done}/${total} ${model} on ${report.target}: ${report.outcome.status} (${seconds} s)\n`);
    },
  });
  process.stdout.write(args.includes('--json') ? `${JSON.stringify(rows, null, 2)}\n` : `\n${renderGoldenTable(rows)}`);
  const bad = rows.some(({ cells }) => cells.some(({ outcome }) => !['ok', 'skipped'].includes(outcome.status)));
  return bad ? 1 : 0;
}

process.exitCode = await main(process.argv.slice(2));
