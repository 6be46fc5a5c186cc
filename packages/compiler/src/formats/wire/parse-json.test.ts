import { describe, expect, it } from 'vitest';
import { looksLikeJson, parseJson } from './parse-json.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('JSON', () => {
  it('may have NaN and infinities, but not inside of texts', () => {
    const { value } = parseJson(encode('{"a": [NaN, -Infinity, Infinity, 1], "NaN": "x NaN, \\"NaN\\""}'));
    expect(value).toEqual({ a: [null, -Infinity, Infinity, 1], NaN: 'x NaN, "NaN"' });
  });

  it('leaves out lists of numbers that nobody reads', () => {
    const text = '{"skip": [1, 2.5e-3,\n -4], "kept":[7], "a": "say \\"skip\\":[8]", "b": {"skip":[]}, "skip2": [9]}';
    const { value } = parseJson(encode(text), ['skip']);
    expect(value).toEqual({ skip: [], kept: [7], a: 'say "skip":[8]', b: { skip: [] }, skip2: [9] });
  });

  it('keeps what has that name and is no list of numbers', () => {
    const text = '{"skip": ["]"], "x": {"skip": [[1], 2]}, "y": {"skip": 3}}';
    expect(parseJson(encode(text), ['skip']).value).toEqual(JSON.parse(text));
  });

  it('says what is wrong', () => {
    expect(parseJson(encode('{"skip": [1, 2'), ['skip']).reason).toMatch(/not JSON/);
    expect(parseJson(Uint8Array.of(0x7b, 0xff)).reason).toMatch(/not UTF-8/);
  });
});

describe('recognition', () => {
  it('looks at the beginning and the end of a file', () => {
    const long = encode(`{"first": 1, "filler": "${'x'.repeat(200_000)}", "last": 2}`);
    expect(looksLikeJson(long, 'first', 'last')).toBe(true);
    expect(looksLikeJson(long, 'first', 'none')).toBe(false);
    expect(looksLikeJson(encode('[1]'))).toBe(false);
  });
});
