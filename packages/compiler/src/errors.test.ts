import { expect, it } from 'vitest';
import { CompileError, explain } from './errors.ts';

it('an issue is explained at bounded length, however long the names and lists of the file are', () => {
  const long = 'x'.repeat(100_000);
  const where = { file: 'm.tflite', node: long, tensor: long };
  const texts = [
    explain({ code: 'bad-value', where, what: 'scales', want: long, found: long }),
    explain({ code: 'unsupported', where, what: 'type', found: long }),
  ];
  for (const text of texts) {
    expect(text.length).toBeLessThan(1500);
    expect(text).toContain('…');
  }
});

it('an error says all of its issues, a line each', () => {
  const error = new CompileError([
    {
      code: 'bad-value',
      where: { tensor: 'x' },
      what: 'scale',
      want: 'more than 0',
      found: '0',
      help: 'convert again',
    },
    { code: 'unsupported', where: {}, what: 'element type', found: 'FLOAT64' },
  ]);
  expect(error.message).toBe(
    'tensor x: scale: expected more than 0, found 0 (convert again)\nelement type FLOAT64 is not supported',
  );
});
