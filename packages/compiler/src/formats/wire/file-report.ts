// What is wrong with a file, collected while it is read and thrown once; the first faults are kept, the rest counted.

import { CompileError, type Issue, type Where } from '../../errors.ts';
import { BoundedList } from './bounded-list.ts';

/** Where in the model; what is not known is left out or undefined. */
export type Place = { readonly [Key in Exclude<keyof Where, 'file'>]?: Where[Key] | undefined };

const faultsKept = 50;

/** Names in a file may be as long as the file. */
const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 299)}…` : text);

export class FileReport {
  readonly #format: string;
  readonly #file: string | undefined;
  readonly #issues = new BoundedList<Issue>(faultsKept);

  constructor(format: string, file: string | undefined) {
    this.#format = format;
    this.#file = file;
  }

  /** `path` is the part of the content, such as `subgraphs[0].tensors[12].shape`; empty when it is the whole. */
  fault(place: Place, path: string, reason: string, help?: string): void {
    this.#issues.add({
      code: 'bad-file',
      where: this.#where(place),
      format: this.#format,
      reason: shortened(path === '' ? reason : `${path}: ${reason}`),
      ...(help !== undefined && { help }),
    });
  }

  dynamicShape(place: Place, shape: readonly number[], dimension: number): void {
    this.#issues.add({ code: 'dynamic-shape', where: this.#where(place), shape, dimension });
  }

  /** `unlisted`: faults that were counted elsewhere but not kept. */
  throwIfAny(unlisted = 0): void {
    const { kept, count } = this.#issues;
    if (count === 0) return;
    const more = count - kept.length + unlisted;
    if (more === 0) throw new CompileError(kept);
    const rest = `${more} more ${more === 1 ? 'problem is' : 'problems are'} not listed`;
    throw new CompileError([...kept, { code: 'bad-file', where: this.#where({}), format: this.#format, reason: rest }]);
  }

  #where({ node, tensor, byte }: Place): Where {
    return {
      ...(this.#file !== undefined && { file: this.#file }),
      ...(node !== undefined && { node: shortened(node) }),
      ...(tensor !== undefined && { tensor: shortened(tensor) }),
      ...(byte !== undefined && { byte }),
    };
  }
}
