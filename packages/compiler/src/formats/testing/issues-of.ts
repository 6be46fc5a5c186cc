// What a file is refused for, in tests of readers.
import { CompileError } from '../../errors.ts';
import { readModel } from '../index.ts';

/** The messages of all issues; empty where the file is read. */
export function issuesOf(file: Uint8Array): string {
  try {
    readModel(file, { file: 'model' });
    return '';
  } catch (error) {
    if (error instanceof CompileError) return error.message;
    throw error;
  }
}
