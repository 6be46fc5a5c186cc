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

/** The value of a text. */
export function parseJson(bytes: Uint8Array): Parsed {
  let text: string;
  try {
    text = utf8.decode(bytes);
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
