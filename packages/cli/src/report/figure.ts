// What pages and figures of reports share: the frame of a page, text made safe for markup, colours that tell neighbours apart, round numbers for axes.

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as markup shows it, whatever is in it; control characters are left out. */
export const escapeText = (text: string): string =>
  text.replace(/\p{Cc}/gu, ' ').replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** A hue in degrees; neighbours lie the golden angle apart. */
export const hueOf = (index: number): number => Math.round((index * 137.508) % 360);

/** Multiples of a round step from 0 to `most`, about five of them. */
export function niceTicks(most: number): readonly number[] {
  if (!(most > 0)) return [0];
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

/** A page that stands alone: no scripts, nothing loaded. `body` is markup. */
export const htmlPage = (title: string, style: string, body: readonly string[]): string =>
  [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${escapeText(title)}</title><style>${style}</style></head><body>`,
    ...body,
    '</body></html>',
    '',
  ].join('\n');
