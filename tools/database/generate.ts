// Makes the Prisma client in packages/db/src/generated, unless the data model has not changed since.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readDatamodel } from '@gatehouse/db/migration-files';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const generated = join(root, 'packages/db/src/generated');
const stampFile = join(generated, '.made-from');
const cli = createRequire(join(root, 'packages/db/package.json')).resolve('prisma/build/index.js');

const hash = createHash('sha256').update(readFileSync(join(root, 'node_modules/prisma/package.json')));
for (const [path, content] of await readDatamodel()) hash.update(path.slice(root.length)).update(content);
const stamp = hash.digest('hex');

if (existsSync(join(generated, 'client.ts')) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
  process.stdout.write('Prisma client is up to date\n');
} else {
  // The command line wants its native schema engine, which it would download; generating never runs it, so any existing file will do.
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  };
  const child = spawn(process.execPath, [cli, 'generate'], { cwd: root, env, stdio: 'inherit' });
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (status) => resolve(status ?? 1));
  });
  if (code === 0) writeFileSync(stampFile, stamp);
  process.exitCode = code;
}
