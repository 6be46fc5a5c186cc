// Files are all there, or none of them is.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Failure } from './failure.ts';
import { temporaryFolder } from './testing/command-line.ts';
import { writeFiles } from './write-files.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

it('writes into new folders and over old files', async () => {
  await writeFiles(
    folder.path('a', 'b'),
    new Map<string, string | Uint8Array>([
      ['x.c', 'one'],
      ['sub/y.c', Uint8Array.of(50)],
    ]),
  );
  await writeFiles(folder.path('a', 'b'), new Map([['x.c', 'two']]));
  expect(folder.files()).toEqual(['a/b/sub/y.c', 'a/b/x.c']);
  expect(readFileSync(folder.path('a/b/x.c'), 'utf8')).toBe('two');
});

it('changes nothing when one of the files cannot be written', async () => {
  writeFileSync(folder.path('x.c'), 'old');
  mkdirSync(folder.path('y.c'));
  const wanted = new Map([
    ['x.c', 'new'],
    ['y.c', 'new'],
  ]);
  await expect(writeFiles(folder.path(), wanted)).rejects.toThrow('y.c: a folder is in the way');
  expect(readFileSync(folder.path('x.c'), 'utf8')).toBe('old');
  expect(readdirSync(folder.path())).toEqual(['x.c', 'y.c']);
});

it('says why a folder cannot be made', async () => {
  writeFileSync(folder.path('file'), '');
  const writing = writeFiles(folder.path('file', 'below'), new Map([['x', '']]));
  await expect(writing).rejects.toThrow(Failure);
  await expect(writing).rejects.toThrow(/^cannot write .*file\/below: a part of the path is a file$/);
});
