import { describe, expect, it } from 'vitest';
import type { TensorType } from '../../tensor/tensor.ts';
import type { Port, Program } from '../program.ts';
import { renderHeader } from './header.ts';

const port = (name: string, type: TensorType): Port => ({ name, type, offset: 0, bytes: 4 });
const quantised = (dtype: TensorType['dtype'], scale: number): TensorType => ({
  dtype,
  shape: [1, 4],
  quantisation: { scale: [Math.fround(scale)], zeroPoint: [-7], axis: 0 },
});

const programOf = (inputs: readonly Port[], outputs: readonly Port[]): Program => ({
  prefix: 'tiny',
  title: 'a */ title',
  steps: [],
  arenaBytes: 64,
  alignment: 8,
  inputs,
  outputs,
  states: [],
  macs: 12,
});

const headerOf = (input: TensorType): string => renderHeader(programOf([port('x', input)], [port('y', input)]));

describe('the header', () => {
  it('says sizes, shapes and quantisation', () => {
    const text = headerOf(quantised('i8', 0.1));
    for (const line of [
      '#define TINY_ARENA_BYTES 64',
      '#define TINY_INPUT_COUNT 1',
      '#define TINY_INPUT_0_BYTES 4',
      '#define TINY_INPUT_0_ELEMENTS 4',
      '#define TINY_INPUT_0_RANK 2',
      '#define TINY_INPUT_0_SHAPE { 1, 4 }',
      '#define TINY_INPUT_0_SCALE 0.1f',
      '#define TINY_INPUT_0_ZERO_POINT (-7)',
      'int8_t *x = tiny_input(&model, 0);',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('offers conversions where there is one scale', () => {
    expect(headerOf(quantised('i8', 0.1))).toContain('static inline int8_t tiny_quantize_input_0(float value)');
    expect(headerOf(quantised('i16', 0.1))).toContain('static inline float tiny_dequantize_output_0(int16_t element)');
    expect(headerOf({ dtype: 'i8', shape: [4] })).not.toContain('quantize');
    expect(headerOf(quantised('i32', 0.1))).not.toContain('quantize_input');
    expect(headerOf(quantised('i8', Number.NaN))).not.toContain('SCALE');
    const perAxis = { scale: [1, 2], zeroPoint: [0, 0], axis: 1 };
    expect(headerOf({ dtype: 'i8', shape: [2, 2], quantisation: perAxis })).not.toContain('SCALE');
  });

  it('has no shape for a scalar', () => {
    const text = headerOf({ dtype: 'f32', shape: [] });
    expect(text).toContain('#define TINY_INPUT_0_RANK 0');
    expect(text).not.toContain('TINY_INPUT_0_SHAPE');
  });

  it('lets no name end a comment', () => {
    const text = renderHeader(programOf([port('in*\\put */', { dtype: 'f32', shape: [1] })], []));
    expect(text.match(/\/\*/g)?.length).toBe(text.match(/\*\//g)?.length);
    expect(text).toContain('"a * / title"');
  });

  it('is for programs without inputs or outputs too', () => {
    expect(renderHeader(programOf([], []))).toContain('void *x = tiny_input(&model, 0);');
  });
});

it('an arena has at least one byte, as C demands', () => {
  expect(renderHeader({ ...programOf([], []), arenaBytes: 0 })).toContain('#define TINY_ARENA_BYTES 1');
});
