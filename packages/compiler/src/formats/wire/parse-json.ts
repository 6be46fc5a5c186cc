// JSON as programs write it: NaN and Infinity, which Python and C++ write though JSON does not know them, become null and infinities.

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** Strings, which are left as they are, or one of the words. */
const word = /"(?:[^"\\]|\\.)*"|-?\b(?:nan|NaN|inf|Infinity)\b/g;

/** A value, or why and at which byte there is none. */
export interface Parsed {
  readonly value?: unknown;
  readonly reason?: string;
  readonly byte?: number;
}

/** The value of a text. Lists of numbers under the names in `unread` come out empty: large files are mostly such. */
export function parseJson(bytes: Uint8Array, unread: readonly string[] = []): Parsed {
  let text: string;
  try {
    text = utf8.decode(unread.length === 0 ? bytes : withoutLists(bytes, unread));
  } catch {
    return { reason: 'it is not UTF-8 text' };
  }
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    try {
      return { value: JSON.parse(text.replace(word, numberOf)) };
    } catch {
      return { reason: `it is not JSON: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
}

const [quote, backslash, openList, closeList, colon] = [0x22, 0x5c, 0x5b, 0x5d, 0x3a];

/** The text without the elements of these lists, as far as they are neither texts, objects nor lists. */
function withoutLists(bytes: Uint8Array, names: readonly string[]): Uint8Array {
  const keys = names.map((name) => Uint8Array.from(`${name}"`, (letter) => letter.charCodeAt(0)));
  const out = new Uint8Array(bytes.length);
  let to = 0;
  let at = 0;
  const isAt = (key: Uint8Array): boolean => key.every((byte, i) => bytes[at + i] === byte);
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    out[to] = byte;
    to += 1;
    at += 1;
    // A quote behind a backslash is inside of a text.
    if (byte !== quote || bytes[at - 2] === backslash) continue;
    const key = keys.find(isAt);
    if (key === undefined) continue;
    let open = at + key.length;
    while (bytes[open] === colon || bytes[open] === 0x20) open += 1;
    const close = bytes[open] === openList ? endOfList(bytes, open + 1) : -1;
    if (close < 0) continue;
    out.set(bytes.subarray(at, open + 1), to);
    to += open + 1 - at;
    at = close;
  }
  return out.subarray(0, to);
}

/** Where a list of numbers ends; -1 where it is another. */
function endOfList(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === closeList) return at;
    if (byte === quote || byte === openList || byte === 0x7b) return -1;
  }
  return -1;
}

/** 1e999 is read as infinity. */
function numberOf(token: string): string {
  if (token.startsWith('"')) return token;
  if (/nan/i.test(token)) return 'null';
  return token.startsWith('-') ? '-1e999' : '1e999';
}

/** Whether a text begins as an object that has all of these keys within its first or last bytes: cheap, and of the content alone. */
export function looksLikeJson(bytes: Uint8Array, ...keys: readonly string[]): boolean {
  const near = 65536;
  const start = latin(bytes.subarray(0, near));
  if (!/^\s*\{/.test(start)) return false;
  const ends = bytes.length > near ? start + latin(bytes.subarray(-near)) : start;
  return keys.every((key) => ends.includes(`"${key}"`));
}

const latin = (bytes: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
};
