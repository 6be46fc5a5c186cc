// Outputs that are scores of classes, best first.
import type { Data, TensorType } from '@anymote/compiler';
import { realNumbers } from './stored-elements.ts';

export interface Prediction {
  readonly index: number;
  readonly label?: string;
  /** As stored, and as the real number it stands for. */
  readonly stored: number;
  readonly value: number;
}

const mostClasses = 1000;

/** Whether a tensor is one vector that may be scores. */
export const isVector = ({ shape }: TensorType): boolean => {
  const long = shape.filter((size) => size !== 1);
  return long.length === 1 && (long[0] ?? 0) <= mostClasses;
};

/** The classes by falling value; equal ones in the order of their index. Labels of another number are not used. */
export function rankClasses(type: TensorType, data: Data, labels?: readonly string[]): readonly Prediction[] {
  const values = realNumbers(type, data);
  return Array.from(values, (value, index): Prediction => {
    const label = labels?.length === values.length ? labels[index] : undefined;
    return { index, value, stored: Number(data[index]), ...(label === undefined ? {} : { label }) };
  }).sort((a, b) => b.value - a.value || a.index - b.index);
}

/** A number in a few digits. */
export const formatReal = (value: number): string => String(Number(value.toPrecision(5)));
