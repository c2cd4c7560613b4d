/** One test of a run. */
export interface RunTest {
  /** from the root of the repository */
  file: string;
  title: string;
  passed: boolean;
}

/** How many of the named tests passed, and which names have none or one that did not pass. `named`: by file, beginnings of titles. */
export function countTests(
  named: Readonly<Record<string, readonly string[]>>,
  run: readonly RunTest[],
): { passed: number; problems: string[] } {
  const problems: string[] = [];
  let passed = 0;
  for (const [file, beginnings] of Object.entries(named)) {
    for (const beginning of beginnings) {
      const found = run.filter((test) => test.file === file && test.title.startsWith(beginning));
      const failed = found.filter((test) => !test.passed);
      if (found.length === 0) problems.push(`${file}: no test "${beginning}…" ran`);
      else if (failed.length > 0) problems.push(`${file}: ${failed.map(({ title }) => `"${title}"`).join(', ')} did not pass`);
      passed += found.length - failed.length;
    }
  }
  return { passed, problems };
}
