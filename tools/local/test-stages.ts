import { join } from 'node:path';

import { GATES } from '../gates/gates.ts';
import { root } from './settings.ts';

/** What a stage cannot do without, beyond what npm installs. */
export type Tool = 'browser' | 'redis' | 'squid';

export interface Stage {
  name: string;
  command: string[];
  needs: Tool[];
  /** part of `npm test -- quick` */
  quick: boolean;
}

const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const node = (...args: string[]) => [process.execPath, ...args];
const playwright = (config: string) => [bin('playwright'), 'test', '--config', config];
const vitest = (project: string) => [bin('vitest'), 'run', '--project', project, '--reporter=dot'];

const quick = (name: string, command: string[]): Stage => ({ name, command, needs: [], quick: true });
const slow = (name: string, command: string[], ...needs: Tool[]): Stage => ({ name, command, needs, quick: false });

/** Everything that must be made before any other stage. */
export const GENERATE = quick('generate', [bin('turbo'), 'run', 'generate', '--output-logs=errors-only']);

/** Every gate and every test, in the order of `npm test`. */
export const STAGES: readonly Stage[] = [
  ...Object.entries(GATES).map(([name, command]) => quick(name, command)),
  quick('canaries', node('tools/gates/run.ts')),
  quick('unit', vitest('unit')),
  slow('integration', vitest('int'), 'redis', 'squid'),
  slow('build', [bin('turbo'), 'run', 'build', '--output-logs=errors-only']),
  slow('conformance', node('apps/e2e/conformance/run.ts')),
  slow('clients', playwright('apps/e2e/clients.config.ts')),
  slow('subjects', node('apps/e2e/subjects/run.ts', '--local')),
  slow('browser', playwright('apps/e2e/playwright.config.ts'), 'browser', 'redis'),
];

/** The stages that the words on the command line name: none for all, `quick`, or names. Throws on a word that names nothing. */
export function chooseStages(words: readonly string[]): Stage[] {
  const unknown = words.find((word) => word !== 'quick' && !STAGES.some(({ name }) => name === word));
  if (unknown !== undefined) {
    throw new Error(`There is no stage ${unknown}. Stages: quick, ${STAGES.map(({ name }) => name).join(', ')}`);
  }
  return STAGES.filter((stage) => words.length === 0 || words.includes(stage.name) || (words.includes('quick') && stage.quick));
}
