#!/usr/bin/env node
// The `anymote` command. In a checkout that was not built yet it says how to build it.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  console.error('anymote is not built yet: run `npm run setup` in the repository first.');
  process.exit(1);
}
const { run } = await import(main.href);
process.exitCode = await run(process.argv.slice(2));
