// Writes a set of files all at once: first whole into a temporary folder beside their places, then each renamed. What
// fails on the way leaves nothing behind.
import { mkdir, mkdtemp, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure, fileFailure } from './failure.ts';

/** Writes files below a folder, which is made if need be; names may have folders in them. @throws {Failure} */
export async function writeFiles(folder: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
  let made: string | undefined;
  let temporary: string | undefined;
  try {
    made = await mkdir(folder, { recursive: true });
    temporary = await mkdtemp(join(folder, '.anymote-'));
    for (const [name, content] of files) {
      if (await isFolder(join(folder, name)))
        throw new Failure(`cannot write ${join(folder, name)}: a folder is in the way`);
      await mkdir(dirname(join(temporary, name)), { recursive: true });
      await writeFile(join(temporary, name), content);
    }
    for (const name of files.keys()) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await rename(join(temporary, name), join(folder, name));
    }
    await rm(temporary, { recursive: true, force: true });
  } catch (error) {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    // A folder that was made here goes again, unless something is in it.
    if (made !== undefined) await rmdir(folder).catch(() => {});
    throw error instanceof Failure ? error : fileFailure('write', folder, error);
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
