import { join } from 'node:path';

import { root } from '../local/settings.ts';

const resolveBin = (name: string) => join(root, 'node_modules', '.bin', name);
/** The compiler that checks types; the one named `typescript` is slower, and read by the gates that need its parser. */
export const TYPE_CHECKER = join(root, 'node_modules/typescript-native/bin/tsc');
const buildNodeCommand = (script: string) => [process.execPath, join(root, script)];

/** The checks of the tree itself, each with its command. run.ts plants a violation for every one and sees that it is reported. */
export const GATES = {
  format: [resolveBin('oxfmt'), '--check', '.'],
  lint: [resolveBin('oxlint'), '--deny-warnings'],
  boundaries: [
    resolveBin('depcruise'),
    'apps',
    'packages',
    'tools/local',
    'tools/database',
    '--config',
    '.dependency-cruiser.cjs',
  ],
  types: [resolveBin('turbo'), 'run', 'typecheck', '--output-logs=errors-only'],
  'tool-types': [process.execPath, TYPE_CHECKER, '--project', 'tsconfig.json'],
  unused: [resolveBin('knip')],
  workspace: [resolveBin('sherif')],
  documents: buildNodeCommand('tools/gates/doc-refs.ts'),
  facts: buildNodeCommand('tools/gates/doc-facts.ts'),
  requirements: buildNodeCommand('tools/gates/requirements.ts'),
  patterns: buildNodeCommand('tools/gates/patterns.ts'),
  migrations: buildNodeCommand('tools/database/check.ts'),
} satisfies Record<string, string[]>;

export type Gate = keyof typeof GATES;
