// Labels in their usual forms.
import { expect, it } from 'vitest';
import { parseLabels } from './labels.ts';

it.each([
  ['yes\nno\r\n\n', ['yes', 'no']],
  ['["yes", "no"]', ['yes', 'no']],
  ['{ "classes": ["yes", "no"] }', ['yes', 'no']],
  ['', undefined],
  ['[]', undefined],
  ['[1, 2]', undefined],
  ['{ "labels": 3 }', undefined],
  ['[broken', undefined],
])('reads %j', (text, labels) => expect(parseLabels(text)).toEqual(labels));
