// `--input`: what is fed into a model. Files in the order of the inputs, or by name; zeros or random elements on request.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Data, dataFromBytes, dtypeBytes, elementsOf, type LoadedTensor } from '@anymote/compiler';
import { Failure, fileFailure } from './failure.ts';
import { readNpy } from './npy.ts';
import { describeInput, storedElements } from './stored-elements.ts';

export interface GivenInput {
  readonly data: Data;
  /** The file's name, `zero` or `random`. */
  readonly source: string;
}

/**
 * One array for each input, from `x.npy …`, `name=x.npy …`, `zero` or `random`.
 * @throws {Failure} when inputs are missing, with what is needed; {CompileError} when an array does not fit
 */
export async function readInputs(
  inputs: readonly LoadedTensor[],
  given: readonly string[],
): Promise<readonly GivenInput[]> {
  const [only] = given;
  if (given.length === 1 && (only === 'zero' || only === 'random')) {
    return inputs.map((input) => ({ source: only, data: only === 'zero' ? zeros(input) : random(input) }));
  }
  const named = given.map((text) => {
    const input = inputs.find(({ name }) => text.startsWith(`${name}=`));
    return { input, file: input === undefined ? text : text.slice(input.name.length + 1) };
  });
  const byPosition = named.filter(({ input }) => input === undefined);
  const needed = inputs.filter((input) => !named.some((one) => one.input === input));
  if (byPosition.length !== needed.length || named.length !== inputs.length) {
    throw new Failure(`${given.length} of ${inputs.length} inputs given; ${describeNeeded(inputs)}`);
  }
  return Promise.all(
    inputs.map(async (input) => {
      const file = named.find((one) => one.input === input)?.file ?? byPosition[needed.indexOf(input)]?.file ?? '';
      const bytes = await readFile(file).catch((error: unknown) => {
        throw fileFailure('read', file, error);
      });
      return { source: basename(file), data: storedElements(input, readNpy(bytes, file), file) };
    }),
  );
}

/** What has to be given, in words. */
export function describeNeeded(inputs: readonly LoadedTensor[]): string {
  const list = inputs.map(
    (input, i) => `  --input x${inputs.length === 1 ? '' : i}.npy   ${input.name}: ${describeInput(input)}`,
  );
  return [
    `the model takes ${inputs.length === 1 ? 'one input' : `${inputs.length} inputs`}:`,
    ...list,
    "or '--input zero', '--input random'",
  ].join('\n');
}

const zeros = ({ type }: LoadedTensor): Data =>
  dataFromBytes(type.dtype, new Uint8Array(elementsOf(type) * dtypeBytes[type.dtype]));

function random({ type }: LoadedTensor): Data {
  const length = elementsOf(type);
  if (type.dtype === 'f32') return Float32Array.from({ length }, () => Math.random() * 2 - 1);
  if (type.dtype === 'bool') return Uint8Array.from({ length }, () => (Math.random() < 0.5 ? 0 : 1));
  return dataFromBytes(
    type.dtype,
    Uint8Array.from({ length: length * dtypeBytes[type.dtype] }, () => Math.floor(Math.random() * 256)),
  );
}
