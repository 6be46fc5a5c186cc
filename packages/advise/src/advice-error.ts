// What users can get wrong, as a list: everything that was found, each said once.

export class AdviceError extends Error {
  readonly issues: readonly string[];

  constructor(issues: readonly string[]) {
    super(issues.join('\n'));
    this.name = 'AdviceError';
    this.issues = issues;
  }
}
