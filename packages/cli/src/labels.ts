// Names of a model's classes: from a file that is named, or from one beside the model.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure, fileFailure } from './failure.ts';

/** Where labels are looked for, relative to the model's folder. */
const usualPlaces = ['labels.txt', 'labels.json', 'samples/labels.json'];

/** Labels in a text: a JSON list, a JSON object with `classes`, or one a line. Undefined where there are none. */
export function parseLabels(text: string): readonly string[] | undefined {
  const trimmed = text.trim();
  if (/^[[{]/.test(trimmed)) {
    const parsed = parseJson(trimmed);
    const list = typeof parsed === 'object' && parsed !== null && 'classes' in parsed ? parsed.classes : parsed;
    if (!Array.isArray(list) || list.length === 0) return undefined;
    return list.every((label) => typeof label === 'string') ? list : undefined;
  }
  return trimmed === '' ? undefined : trimmed.split(/\r?\n/).map((line) => line.trim());
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads labels. Without a named file, the usual places beside the model; there, absence is no error. */
export async function readLabels(modelPath: string, named?: string): Promise<readonly string[] | undefined> {
  if (named !== undefined) {
    const text = await readFile(named, 'utf8').catch((error: unknown) => {
      throw fileFailure('read', named, error);
    });
    const labels = parseLabels(text);
    if (labels === undefined) throw new Failure(`${named}: no labels: expected one a line, or a JSON list of strings`);
    return labels;
  }
  for (const place of usualPlaces) {
    const text = await readFile(join(dirname(modelPath), place), 'utf8').catch(() => undefined);
    const labels = text === undefined ? undefined : parseLabels(text);
    if (labels !== undefined) return labels;
  }
  return undefined;
}
