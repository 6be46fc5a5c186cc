// A vitest reporter that writes what `npm test` sums up to the file named in ANYMOTE_TEST_SUMMARY: how many tests
// passed and failed, and each skipped test with its reason. Files that fail to load count as failed.
// A default export because vitest takes a reporter no other way.
import { writeFileSync } from 'node:fs';

export default class TestSummary {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      if (module.errors().length > 0) summary.failed += 1;
      for (const suite of module.children.allSuites()) summary.failed += suite.errors().length > 0 ? 1 : 0;
      for (const test of module.children.allTests()) {
        const { state, note } = test.result();
        if (state === 'passed') summary.passed += 1;
        else if (state === 'failed') summary.failed += 1;
        else summary.skipped.push({ file: module.relativeModuleId, name: test.fullName, reason: note ?? null });
      }
    }
    const path = process.env.ANYMOTE_TEST_SUMMARY;
    if (path) writeFileSync(path, JSON.stringify(summary));
  }
}
