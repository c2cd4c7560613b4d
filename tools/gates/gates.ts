import { join } from 'node:path';

import { root } from '../local/settings.ts';

const bin = (name: string) => join(root, 'node_modules', '.bin', name);
const node = (script: string) => [process.execPath, join(root, script)];

/** The checks of the tree itself, each with its command. run.ts plants a violation for every one and sees that it is reported. */
export const GATES = {
  format: [bin('oxfmt'), '--check', '.'],
  lint: [bin('oxlint'), '--deny-warnings'],
  boundaries: [bin('depcruise'), 'apps', 'packages', 'tools/local', 'tools/database', '--config', '.dependency-cruiser.cjs'],
  types: [bin('turbo'), 'run', 'typecheck', '--output-logs=errors-only'],
  'tool-types': [bin('tsc'), '--project', 'tsconfig.json'],
  unused: [bin('knip')],
  workspace: [bin('sherif')],
  documents: node('tools/gates/doc-refs.ts'),
  facts: node('tools/gates/doc-facts.ts'),
  requirements: node('tools/gates/requirements.ts'),
  migrations: node('tools/database/check.ts'),
} satisfies Record<string, string[]>;

export type Gate = keyof typeof GATES;
