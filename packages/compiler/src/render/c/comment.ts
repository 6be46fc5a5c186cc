// Any text as the text of a C comment.

/** Text that cannot end the comment it stands in, nor start a trigraph or a line splice. */
export const comment = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]/gu, (character) => `<${character.codePointAt(0)?.toString(16)}>`)
    .replaceAll('\\', '/')
    .replace(/\*(?=\/)|\/(?=\*)|\?(?=\?)/g, '$& ');
