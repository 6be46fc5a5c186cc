// Complaints of the package about demands, answers and files, as failures of a command.
import { AdviceError } from '@anymote/advise';
import { Failure } from '../failure.ts';

/** `exitCode` 1: something in a file; 2: wrong usage. */
export function asFailure<Result>(work: () => Result, exitCode: 1 | 2 = 2): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof AdviceError) throw new Failure(error.issues, exitCode);
    throw error;
  }
}
