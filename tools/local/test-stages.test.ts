import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { root } from './settings.ts';
import { chooseStages, STAGES } from './test-stages.ts';

test('no word means everything, quick means what needs no service, and a word that names nothing is refused', () => {
  expect(chooseStages([])).toEqual(STAGES);
  expect(chooseStages(['quick']).every(({ needs }) => needs.length === 0)).toBe(true);
  expect(chooseStages(['unit', 'lint']).map(({ name }) => name)).toEqual(['lint', 'unit']);
  expect(() => chooseStages(['lnit'])).toThrow('There is no stage lnit');
});

test('a word that names nothing ends npm test with one sentence and exit code 2', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'tools/local/test.ts'), 'lnit'], {
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr.trim()).toMatch(/^There is no stage lnit\. Stages: quick, format, .*, browser$/);
});

test('the jobs of CI together run every stage', () => {
  const workflow = parse(readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8')) as {
    jobs: { test: { strategy: { matrix: { include: Array<{ stages: string }> } } } };
  };
  const run = workflow.jobs.test.strategy.matrix.include.flatMap(({ stages }) => chooseStages(stages.split(' ')));
  expect(new Set(run)).toEqual(new Set(STAGES));
});
