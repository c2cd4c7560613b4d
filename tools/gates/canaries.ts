import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What a planted file says about itself: `// expect: rule words that the message contains`, one line for each rule that must fire on it. */
export interface Expectation {
  /** relative to the folder of the gate's canaries */
  file: string;
  rule: string;
  words: string;
}

/** What a gate reported. */
export interface Finding {
  file: string;
  rule: string;
  message: string;
}

/** Every expectation in the files below `folder`. */
export function readExpectations(folder: string): Expectation[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/^\/\/ expect: (\S+) ?(.*)$/gm)].map(
        ([, rule = '', words = '']): Expectation => ({ file, rule, words }),
      ),
    );
}

/** Problems: an expectation that no finding meets, and a rule of the gate that no file expects. */
export function listCanaryProblems(folder: string, findings: readonly Finding[], rules: readonly string[]): string[] {
  const expectations = readExpectations(folder);
  const isMet = ({ file, rule, words }: Expectation) =>
    findings.some((found) => relative(folder, found.file) === file && found.rule === rule && found.message.includes(words));
  return [
    ...expectations
      .filter((expected) => !isMet(expected))
      .map(({ file, rule, words }) => `${rule} ${words} did not fire on ${file}`),
    ...rules.filter((rule) => !expectations.some((expected) => expected.rule === rule)).map((rule) => `${rule} has no canary`),
  ];
}
