// Options whose values have a unit.
import { AdviceError, type Battery, parseBattery, parseQuantity, type QuantityKind } from '@anymote/advise';
import { Failure } from '../failure.ts';

/** Parses the value of an option. @throws {Failure} that names the option and gives an example */
export const quantity =
  (option: string, kind: QuantityKind) =>
  (text: string): number => {
    const value = parseQuantity(kind, text);
    if (typeof value !== 'number') throw new Failure(`${option}: ${value.problem}`, 2);
    return value;
  };

export function battery(text: string): Battery {
  const value = parseBattery(text);
  if ('problem' in value) throw new Failure(`--battery: ${value.problem}`, 2);
  return value;
}

/** What the package complains about is the user's, and wrong usage or a wrong file. */
export function asFailure<Result>(work: () => Result, exitCode: 1 | 2 = 2): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof AdviceError) throw new Failure(error.issues.join('\nerror: '), exitCode);
    throw error;
  }
}
