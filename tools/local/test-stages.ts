import { join } from 'node:path';

import { GATES } from '../gates/gates.ts';
import { LocalError, REPORTS, root } from './settings.ts';

/** What a stage cannot do without, beyond what npm installs. */
export const TOOLS = ['browser', 'redis', 'squid', 'sandbox', 'access lists', 'nginx'] as const;
export type Tool = (typeof TOOLS)[number];

export interface Stage {
  name: string;
  command: string[];
  needs: Tool[];
  /** part of `npm test -- quick` */
  quick: boolean;
}

const resolveBin = (name: string) => join(root, 'node_modules', '.bin', name);
const buildNodeCommand = (...args: string[]) => [process.execPath, ...args];
const buildPlaywrightCommand = (config: string) => [resolveBin('playwright'), 'test', '--config', config];
const buildVitestCommand = (project: 'unit' | 'int') => [
  resolveBin('vitest'),
  'run',
  `--project=${project}`,
  '--reporter=dot',
  '--reporter=json',
  `--outputFile.json=${REPORTS[project]}`,
];

const defineQuickStage = (name: string, command: string[]): Stage => ({ name, command, needs: [], quick: true });
const defineSlowStage = (name: string, command: string[], ...needs: Tool[]): Stage => ({ name, command, needs, quick: false });

/** Everything that must be made before any other stage. */
export const GENERATE = defineQuickStage('generate', [resolveBin('turbo'), 'run', 'generate', '--output-logs=errors-only']);

/** Every gate and every test, in the order of `npm test`. */
export const STAGES: readonly Stage[] = [
  ...Object.entries(GATES).map(([name, command]) => defineQuickStage(name, command)),
  defineQuickStage('canaries', buildNodeCommand('tools/gates/run.ts')),
  defineQuickStage('unit', buildVitestCommand('unit')),
  defineSlowStage('integration', buildVitestCommand('int'), 'redis', 'squid', 'sandbox', 'access lists'),
  defineSlowStage('build', [resolveBin('turbo'), 'run', 'build', '--output-logs=errors-only']),
  defineSlowStage('guide', buildPlaywrightCommand('apps/e2e/guide.config.ts'), 'nginx'),
  defineSlowStage('conformance', buildNodeCommand('apps/e2e/conformance/run.ts')),
  defineSlowStage('clients', buildPlaywrightCommand('apps/e2e/clients.config.ts')),
  defineSlowStage('subjects', buildNodeCommand('apps/e2e/subjects/run.ts', '--local')),
  defineSlowStage('browser', buildPlaywrightCommand('apps/e2e/playwright.config.ts'), 'browser', 'redis'),
];

/** The stages that the words on the command line name: none for all, `quick`, or names. Throws a LocalError on a word that names nothing. */
export function chooseStages(words: readonly string[]): Stage[] {
  const unknown = words.find((word) => word !== 'quick' && !STAGES.some(({ name }) => name === word));
  if (unknown !== undefined) {
    throw new LocalError(`There is no stage ${unknown}. Stages: quick, ${STAGES.map(({ name }) => name).join(', ')}`);
  }
  return STAGES.filter((stage) => words.length === 0 || words.includes(stage.name) || (words.includes('quick') && stage.quick));
}
