// Holds the borders of the house: which folder and which package may import which, no cycles between files, and
// nothing of Node or the DOM where code runs anywhere. Prints each violation as file:line and the rule.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Folders (and files of that name) of the compiler; a file imports its own folder or a lower rank. */
const ranks = [
  ['errors', 'environment', 'tensor'],
  ['kernel', 'graph'],
  ['ops', 'render', 'targets'],
  ['tactics', 'formats', 'passes', 'plan'],
];
const topLevelRank = ranks.length;

/** Which of our packages a package may import, by folder name; `anywhere`: it runs without Node and the DOM. */
const packages = {
  compiler: { may: [], anywhere: true },
  apps: { may: ['compiler'], anywhere: true },
  train: { may: [], anywhere: true },
  advise: { may: ['compiler'], anywhere: true },
  verify: { may: ['compiler'] },
  fleet: { may: ['compiler'] },
  studio: { may: ['compiler', 'apps'] },
  cli: { may: ['compiler', 'apps', 'verify', 'fleet', 'train', 'advise'] },
};

/** Tests and what is under a `testing` folder may import anything; nothing else may import them. */
const isTest = (file) => /\.test\.[cm]?tsx?$/.test(file) || file.split('/').includes('testing');

/** Every import of a source text: `{ specifier, line, typeOnly, reference }`, in the order of the file. */
function readImports(fileName, text) {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, false);
  const found = [];
  const add = (position, specifier, typeOnly, reference = false) => {
    const line = source.getLineAndCharacterOfPosition(position).line + 1;
    found.push({ specifier, line, typeOnly, reference });
  };
  for (const { fileName: name, pos } of [...source.typeReferenceDirectives, ...source.libReferenceDirectives]) {
    add(pos, name, true, true);
  }
  const visit = (node) => {
    const start = () => node.getStart(source);
    if (ts.isImportDeclaration(node)) add(start(), node.moduleSpecifier.text, node.importClause?.isTypeOnly === true);
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier)
      add(start(), node.moduleSpecifier.text, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && node.argument.literal) add(start(), node.argument.literal.text, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteralLike(argument)) add(start(), argument.text, false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The name that stands for a file of the compiler in the rank table: its first folder, or the file itself. */
function unitOf(pathInSource) {
  const [first] = pathInSource.split('/');
  const name = first.replace(/(\.d)?\.[cm]?tsx?$/, '');
  const rank = ranks.findIndex((names) => names.includes(name));
  if (rank >= 0) return { name, rank };
  return pathInSource.includes('/') ? { name, rank: null } : { name: 'the top level', rank: topLevelRank };
}

/** The rule that an import inside the compiler breaks, or null. */
function rankViolation(fromPath, toPath) {
  const from = unitOf(fromPath);
  const to = unitOf(toPath);
  for (const { name, rank } of [from, to]) {
    if (rank === null) return `${name}/ has no rank: give it one in scripts/check-imports.mjs`;
  }
  if (from.name === to.name || to.rank < from.rank) return null;
  const equal = to.rank === from.rank ? 'of the same rank' : `of rank ${to.rank}`;
  return `${from.name} (rank ${from.rank}) may not import ${to.name}, ${equal}: only lower ranks and its own folder`;
}

/** The rule that an import of something outside the package breaks, or null. */
function packageViolation(folder, specifier, { nameOf, entries }) {
  const { may, anywhere = false } = packages[folder];
  if (anywhere && isBuiltin(specifier)) return `${folder} runs anywhere, so it may not import ${specifier} of Node`;
  const target = Object.keys(nameOf).find((other) => {
    return specifier === nameOf[other] || specifier.startsWith(`${nameOf[other]}/`);
  });
  if (target !== undefined) {
    if (target === folder) return `a package imports its own files by relative paths, not as ${specifier}`;
    if (!may.includes(target)) return `${folder} may not import ${target}, only ${may.join(', ') || 'itself'}`;
    const open = entries[target].map((entry) => `${nameOf[target]}${entry.slice(1)}`);
    return open.includes(specifier) ? null : `deep import: ${target} is imported as ${open.join(', ')} only`;
  }
  if (folder === 'compiler') return `compiler depends on nothing, so it may not import ${specifier}`;
  return null;
}

/** The source files of a package, as paths under its src folder. */
function sourceFiles(sourceFolder) {
  return readdirSync(sourceFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name))
    .map((entry) => relative(sourceFolder, join(entry.parentPath, entry.name)))
    .sort();
}

/** One cycle through each knot of the graph `edges` (file → [{ to, line }]), as lists of `{ file, line }`. */
function findCycles(edges) {
  const cycles = [];
  const state = new Map();
  const path = [];
  const visit = (file) => {
    state.set(file, 'open');
    for (const { to, line } of edges.get(file) ?? []) {
      path.push({ file, line });
      if (state.get(to) === 'open') cycles.push(path.slice(path.findIndex((step) => step.file === to)));
      else if (!state.has(to)) visit(to);
      path.pop();
    }
    state.set(file, 'done');
  };
  for (const file of edges.keys()) if (!state.has(file)) visit(file);
  return cycles;
}

/** Every violation of a repository as `{ file, line, rule }`, in the order of the files. */
export function checkImports(root) {
  const folders = readdirSync(join(root, 'packages')).filter((name) => existsSync(join(root, 'packages', name, 'src')));
  const manifests = folders.map((name) => [
    name,
    JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')),
  ]);
  const nameOf = Object.fromEntries(manifests.map(([folder, { name }]) => [folder, name]));
  // What a package exports beside its index is public too.
  const entries = Object.fromEntries(
    manifests.map(([folder, { exports = {} }]) => [folder, [...new Set(['.', ...Object.keys(exports)])]]),
  );
  const known = { nameOf, entries };
  const violations = [];
  const edges = new Map();
  for (const folder of folders) {
    const sourceFolder = join(root, 'packages', folder, 'src');
    if (packages[folder] === undefined) {
      const rule = `package ${folder} is not in the table of scripts/check-imports.mjs`;
      violations.push({ file: `packages/${folder}/package.json`, line: 1, rule });
      continue;
    }
    for (const path of sourceFiles(sourceFolder)) {
      const file = `packages/${folder}/src/${path}`;
      const imports = readImports(file, readFileSync(join(sourceFolder, path), 'utf8'));
      edges.set(file, []);
      for (const { specifier, line, typeOnly, reference } of imports) {
        const inside = specifier.startsWith('.') && !reference;
        const target = inside ? relative(sourceFolder, resolve(sourceFolder, dirname(path), specifier)) : null;
        const rule = isTest(path) ? null : violationOf({ folder, path, specifier, target, reference, known });
        if (rule !== null) violations.push({ file, line, rule });
        if (inside && !typeOnly) edges.get(file).push({ to: `packages/${folder}/src/${target}`, line });
      }
    }
  }
  for (const cycle of findCycles(edges)) {
    const files = [...cycle, cycle[0]].map((step) => step.file);
    violations.push({ ...cycle[0], rule: `import cycle: ${files.join(' → ')}` });
  }
  return violations;
}

/** The rule that one import of a file that is no test breaks, or null. */
function violationOf({ folder, path, specifier, target, reference, known }) {
  const { anywhere = false } = packages[folder];
  if (reference) return anywhere ? `${folder} runs anywhere, so it may not refer to the types of ${specifier}` : null;
  if (target === null) return packageViolation(folder, specifier, known);
  if (target.startsWith('..')) return 'a relative import may not leave the src folder of its package';
  if (isTest(target)) return `only tests may import ${target}`;
  return folder === 'compiler' ? rankViolation(path, target) : null;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const violations = checkImports(resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..')));
  for (const { file, line, rule } of violations) console.log(`${file}:${line}: ${rule}`);
  console.log(violations.length === 0 ? 'imports keep the rules' : `${violations.length} imports break the rules`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
