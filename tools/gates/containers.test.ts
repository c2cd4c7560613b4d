import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { DockerfileParser } from 'dockerfile-ast';
import { expect, test } from 'vitest';

import { root } from '../local/settings.ts';

const FOLDER = join(root, 'infra/docker');
const FILES = ['control-plane.Dockerfile', 'agent.Dockerfile'];

/** The instructions of a file, stage by stage; what stands before the first FROM is the stage ''. */
function readStages(file: string): Map<string, { keyword: string; text: string }[]> {
  const stages = new Map<string, { keyword: string; text: string }[]>([['', []]]);
  let current = '';
  for (const instruction of DockerfileParser.parse(readFileSync(join(FOLDER, file), 'utf8')).getInstructions()) {
    const keyword = instruction.getKeyword();
    // its own list of arguments leaves flags out
    const text = instruction.getTextContent().slice(keyword.length).trim();
    if (keyword === 'FROM') stages.set((current = text.split(/ as /i)[1] ?? text), []);
    stages.get(current)?.push({ keyword, text });
  }
  return stages;
}

const findAll = (stages: ReturnType<typeof readStages>, keyword: string) =>
  [...stages.values()].flat().flatMap((instruction) => (instruction.keyword === keyword ? [instruction.text] : []));

test.each(FILES)(
  '%s: what runs is built elsewhere, is another user than root, and is asked for its health without curl',
  (file) => {
    const stages = readStages(file);
    const last = [...stages].filter(([name]) => !['', 'build', 'runtime'].includes(name));
    expect(last.length).toBeGreaterThan(0);
    for (const [name, instructions] of last) {
      const own = [...(stages.get('runtime') ?? []), ...instructions];
      const of = (keyword: string) => own.flatMap((instruction) => (instruction.keyword === keyword ? [instruction.text] : []));
      expect(of('USER'), name).toEqual(['65532:65532']);
      // nothing after the user is set needs more than that user
      const afterUser = own.slice(own.findIndex(({ keyword }) => keyword === 'USER'));
      expect(afterUser.map(({ keyword }) => keyword)).not.toContain('RUN');
      expect(of('HEALTHCHECK'), name).toEqual([expect.stringMatching(/--start-period=\d+s CMD \["node", /)]);
      expect(of('CMD'), name).toEqual([expect.stringMatching(/^\["node", /)]);
      expect(of('COPY').every((text) => text.startsWith('--from=build '))).toBe(true);
    }
  },
);

test.each(FILES)('%s: every base is the one argument, which the release workflow pins by its digest', (file) => {
  const stages = readStages(file);
  expect(findAll(stages, 'ARG')).toEqual([expect.stringMatching(/^BASE=node:24-[\w-]+$/)]);
  const names = new Set(stages.keys());
  for (const text of findAll(stages, 'FROM')) {
    const [base = ''] = text.split(' ');
    expect(base === '${BASE}' || names.has(base), text).toBe(true);
  }
  const workflow = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8');
  expect(workflow).toContain('--build-arg "BASE=$PINNED"');
  expect(workflow).toContain('echo "PINNED=$BASE@$digest"');
  expect(workflow).toContain(`file: ${file.replace('.Dockerfile', '')},`);
});

test.each(FILES)('%s: no secret in what an image keeps of its arguments and variables', (file) => {
  const stages = readStages(file);
  const kept = [...findAll(stages, 'ARG'), ...findAll(stages, 'ENV'), ...findAll(stages, 'LABEL')].join('\n');
  expect(kept).not.toMatch(/TOKEN|SECRET|PASSWORD|KEK|DATABASE_URL|REDIS_URL/);
  const ignored = readFileSync(join(FOLDER, `${file}.dockerignore`), 'utf8').split('\n');
  for (const path of ['.git', '**/node_modules', '.gatehouse*']) expect(ignored).toContain(path);
});
