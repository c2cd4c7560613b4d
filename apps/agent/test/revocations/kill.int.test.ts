import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { expect, test } from 'vitest';

import { FakeRevocations } from '@gatehouse/protocol/testing/fake-revocations';

import { RevocationLog } from '../../src/revocations/revocation-log.ts';
import { openStateDir } from '../../src/state/state-dir.ts';
import { silentLog, TestSite } from '../support/control-plane/site.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { chooseRounds } from '../support/drill.ts';

const SOURCE = join(import.meta.dirname, '../../src/revocations/revocation-log.ts');
const STATE = join(import.meta.dirname, '../../src/state/state-dir.ts');
const ENTRIES = 200;

/** Takes in one entry after the other and says so after each: what was said must be there whenever it is killed. */
const CHILD = `
import { readFileSync } from 'node:fs';
import { RevocationLog } from ${JSON.stringify(SOURCE)};
import { openStateDir } from ${JSON.stringify(STATE)};
const { path, trust, pushes } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const keys = new Map(trust.keys.map(([id, key]) => [id, Buffer.from(key, 'base64')]));
const quiet = { info() {}, warn() {}, error() {} };
const log = new RevocationLog({ dir: openStateDir(path), trust: { ...trust, keys, storedKeys: keys }, maxAgeMs: null, now: Date.now, log: quiet });
for (const push of pushes) {
  await log.take(push);
  console.log(log.getStatus().count);
}
setInterval(() => {}, 1_000);
`;

test(
  'kill -9 at any moment between arrival and answer loses nothing that was answered, and what is left is whole',
  { timeout: 300_000 },
  async () => {
    const site = new TestSite();
    const control = new FakeRevocations(site.root, site.tenantId);
    while (control.entries.length < ENTRIES) control.add('end', { kind: 'key', id: `k${control.entries.length}` });
    const { trust } = site;
    const keys = [...trust.keys].map(([id, key]) => [id, Buffer.from(key).toString('base64')]);
    const home = makeTempDir();
    const [child, job] = [join(home, 'child.mjs'), join(home, 'job.json')];
    writeFileSync(child, CHILD);
    for (let round = 0; round < chooseRounds(60); round += 1) {
      const path = makeTempDir();
      const pushes = control.entries.map((entry) => control.buildPush([entry]));
      writeFileSync(job, JSON.stringify({ path, trust: { ...trust, keys }, pushes }));
      const process_ = spawn(process.execPath, [child, job], { stdio: ['ignore', 'pipe', 'inherit'] });
      let answered = 0;
      const killAt = 1 + Math.floor(Math.random() * (ENTRIES - 20));
      for await (const line of createInterface({ input: process_.stdout })) {
        answered = Number(line);
        if (answered === killAt) process_.kill('SIGKILL');
      }
      if (process_.exitCode === null && process_.signalCode === null) await once(process_, 'exit');
      const log = new RevocationLog({ dir: openStateDir(path), trust, maxAgeMs: null, now: Date.now, log: silentLog });
      const { count } = log.getStatus();
      expect(count).toBeGreaterThanOrEqual(answered);
      await log.take(control.buildPush());
      expect(log.getStatus()).toMatchObject({ count: ENTRIES, root: control.buildHead().root });
      await log.close();
    }
  },
);
