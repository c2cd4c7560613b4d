import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { makeTempDir } from '../support/disk/temp-dir.ts';

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test.each(['process.exit(0)', 'setImmediate(() => { throw new Error("broken"); })'])(
  'when the agent ends by %s its children and what they started end with it',
  async (end) => {
    const script = join(makeTempDir(), 'agent.ts');
    const source = new URL('../../src/upstream/stdio/process-group.ts', import.meta.url).pathname;
    const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);
const other = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
process.stdout.write(process.pid + ' ' + other.pid);`;
    writeFileSync(
      script,
      `import { startChild } from ${JSON.stringify(source)};
const child = await startChild({ command: process.execPath, args: ['-e', ${JSON.stringify(stubborn)}], cwd: '/', env: {}, user: null, sandboxed: false, filter: null });
child.stdout.once('data', (pids) => process.stdout.write(pids, () => { ${end}; }));`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [script]).catch((error: { stdout: string }) => error);
    const pids = stdout.split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await expect.poll(() => pids.map(isAlive)).toEqual([false, false]);
  },
);
