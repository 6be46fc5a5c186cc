// Other engines' figures for a model on a target, from a file in the form of the repository's docs/peers.json.
import { basename } from 'node:path';
import { Failure } from '../failure.ts';
import type { EnginePoint } from './report-page.ts';

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A count, under its name; nothing where there is none. */
const counted = <Name extends string>(name: Name, value: unknown): { readonly [key in Name]?: number } =>
  // A computed key of a literal type is widened to string.
  typeof value === 'number' && Number.isFinite(value) ? ({ [name]: value } as { readonly [key in Name]?: number }) : {};

/** The engines that have figures for the model of that file name. @throws {Failure} where the text is something else */
export function readPeers(text: string, path: string, modelPath: string, target: string): readonly EnginePoint[] {
  const parsed = parse(text);
  const engines = isRecord(parsed) ? parsed.engines : undefined;
  if (!Array.isArray(engines))
    throw new Failure(`${path}: expected JSON with a list 'engines', as in docs/peers.json of the repository`);
  const model = basename(modelPath).replace(/\.[^.]+$/, '');
  return engines.flatMap((engine: unknown): readonly EnginePoint[] => {
    if (!isRecord(engine) || typeof engine.name !== 'string' || !isRecord(engine.models)) return [];
    const figures = engine.models[model];
    if (!isRecord(figures)) return [];
    const instructions = isRecord(figures.instructions) ? figures.instructions[target] : undefined;
    return [
      {
        name: engine.name,
        ...counted('instructions', instructions),
        ...counted('arenaBytes', figures.arenaBytes),
        ...counted('codeBytes', figures.codeBytes),
      },
    ];
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
