import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { EnvironmentError } from '@gatehouse/process/environment';

import { parseEnv } from '../../apps/console/src/env.ts';
import { readEnv as readHubEnv } from '../../apps/hub/src/env.ts';
import { readEnv as readWorkerEnv } from '../../apps/worker/src/env.ts';
import { root } from '../local/settings.ts';

const PROCESSES = { console: parseEnv, hub: readHubEnv, worker: readWorkerEnv };

/** The columns of the table in docs/configuration.md: variable, then what it is to each process. */
function readTable(): Map<string, string[]> {
  const rows = readFileSync(join(root, 'docs/configuration.md'), 'utf8').match(/^\| `[A-Z_]+`.*$/gm) ?? [];
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  return new Map(
    cells.flatMap(([, names = '', ...rest]) =>
      [...names.matchAll(/`([A-Z_]+)`/g)].map(([, name = '']): [string, string[]] => [name, rest]),
    ),
  );
}

/** What a process cannot start without. */
function listRequired(readEnv: (source: Record<string, string | undefined>) => unknown): string[] {
  try {
    readEnv({});
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return [...error.message.matchAll(/^([A-Z_]+):/gm)].map(([, name = '']) => name);
  }
}

test.each(Object.entries(PROCESSES))('docs/configuration.md says what %s needs and takes', (name, readEnv) => {
  const column = Object.keys(PROCESSES).indexOf(name);
  const source = readFileSync(join(root, 'apps', name, 'src/env.ts'), 'utf8');
  const taken = [...source.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, variable = '']) => variable);
  const needed = listRequired(readEnv);
  const expected = new Map(taken.map((variable) => [variable, needed.includes(variable) ? 'required' : 'optional']));
  const told = new Map([...readTable()].flatMap(([variable, cells]) => (cells[column] ? [[variable, cells[column]]] : [])));
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(expected));
});
