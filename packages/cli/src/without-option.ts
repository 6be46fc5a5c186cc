// The `--without` option, which several commands have: what a model is compiled without, to see what each idea gains.

export const withoutOption = [
  '--without <names>',
  'leave out these passes and tactics, separated by commas (results are the same)',
  namesOf,
  [],
] satisfies [string, string, (text: string) => readonly string[], readonly string[]];

function namesOf(text: string): readonly string[] {
  return text.split(',').filter((name) => name !== '');
}
