// Options whose values have a unit, and the option that names a file of chips. Nothing heavy is loaded for them.
import type { Battery } from '@anymote/advise';
import { parseBattery, parseQuantity, type QuantityKind } from '@anymote/advise/quantities';
import { Failure } from '../failure.ts';

export const chipsOption = ['--chips <file>', 'your own chips beside the catalogue, as JSON or YAML'] as const;

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
