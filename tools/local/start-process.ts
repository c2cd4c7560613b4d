// `npm run start:console`, `start:hub`, `start:worker`: one process of the control plane as it was built, in production mode, with the environment
// of the shell and nothing else. It is this process, and the scripts of
// package.json put it in the place of their shell (`exec`), which would keep the signals that npm passes on.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { root } from './settings.ts';

const NEEDED: Readonly<Record<string, readonly string[]>> = {
  console: ['apps/console/dist/main.mjs', 'apps/console/.next/BUILD_ID'],
  hub: ['apps/hub/dist/main.mjs'],
  worker: ['apps/worker/dist/main.mjs'],
};

const [name = ''] = process.argv.slice(2);
const [main, ...others] = NEEDED[name] ?? [];
if (main === undefined) {
  process.stderr.write(`Name one of ${Object.keys(NEEDED).join(', ')}.\n`);
  process.exitCode = 2;
} else if ([main, ...others].every((path) => existsSync(join(root, path)))) {
  process.env.NODE_ENV = 'production';
  await import(pathToFileURL(join(root, main)).href);
} else {
  process.stderr.write(`The ${name} is not built. Build it first: npm run build\n`);
  process.exitCode = 1;
}
