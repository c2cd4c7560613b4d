import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import { root } from '../local/settings.ts';
import { chooseStages, STAGES } from '../local/test-stages.ts';

const Step = z.looseObject({ uses: z.string().optional(), run: z.string().optional() }).refine(({ uses, run }) => uses ?? run);
const Job = z.looseObject({
  needs: z.array(z.string()).default([]),
  if: z.string().optional(),
  uses: z.string().optional(),
  'runs-on': z.string().optional(),
  strategy: z.object({ matrix: z.object({ include: z.array(z.looseObject({ stages: z.string().default('') })) }) }).optional(),
  steps: z.array(Step).default([]),
});
const Workflow = z.looseObject({ name: z.string(), on: z.looseObject({}), jobs: z.record(z.string(), Job) });

const read = (path: string) => Workflow.parse(parse(readFileSync(join(root, path), 'utf8')));
const paths = globSync('.github/workflows/*.yml', { cwd: root });
const ci = read('.github/workflows/ci.yml').jobs;

test.each(paths)('%s: every job runs somewhere, needs jobs that exist and uses pinned actions', (path) => {
  const { name, jobs } = read(path);
  expect(`${name}.yml`).toBe(basename(path));
  for (const { needs, steps, uses, 'runs-on': machine } of Object.values(jobs)) {
    expect(Object.keys(jobs)).toEqual(expect.arrayContaining(needs));
    expect(uses === undefined ? steps.length > 0 && machine !== undefined : existsSync(join(root, uses))).toBe(true);
    for (const action of steps.flatMap((step) => step.uses ?? [])) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  }
});

test('npm runs scripts that exist', () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const asked = paths.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name),
  );
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(asked));
});

test('the one required result runs whatever happened, waits for every other job and fails unless each succeeded', () => {
  const { 'all-checks': result, ...others } = ci;
  expect(result).toMatchObject({ if: 'always()', needs: Object.keys(others) });
  const script = result?.steps.map(({ run }) => run).join('\n');
  for (const job of Object.keys(others)) expect(script).toContain(`test "\${{ needs.${job}.result }}" = success`);
});

test('together the jobs run every stage of npm test', () => {
  const words = Object.values(ci).flatMap(
    ({ strategy }) => strategy?.matrix.include.flatMap(({ stages }) => stages.split(' ')) ?? [],
  );
  expect(new Set(chooseStages(words))).toEqual(new Set(STAGES));
});
