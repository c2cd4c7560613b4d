import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { writeIdentity, type Identity } from '../../src/state/identity.ts';
import { makeAgentKey } from '../../src/state/keys.ts';
import { setAside } from '../../src/state/set-aside.ts';
import { openSiteKey } from '../../src/state/site-key.ts';
import { readStanding, writeStanding } from '../../src/state/standing.ts';
import { openStateDir } from '../../src/state/state-dir.ts';
import { FailingDisk, makeDiskError } from '../support/disk/failing-disk.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

/** The folder of an agent that was quarantined with a configuration in force and a receipt that was not sent. */
async function makeShutOut(disk: FailingDisk) {
  const dir = openStateDir(join(makeTempDir(), 'state'), disk);
  const [tenantId, siteId, agentId, rootKeyId] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const key = makeAgentKey();
  const identity: Identity = {
    format: 1,
    hub: 'wss://hub.example',
    tenantId,
    tenantSlug: 'acme',
    siteId,
    siteSlug: 'hel',
    agentId,
    agentName: 'hel-1',
    rootKeyId,
    rootPublicKey: key.publicKey,
    ...key,
    enrolledAt: '2026-01-01T00:00:00Z',
  };
  await writeIdentity(dir, identity);
  await openSiteKey(dir, null);
  await writeStanding(dir, 'quarantined');
  const files = [dir.snapshot.path, dir.manifest.path, dir.keyset.path, dir.revocations, dir.revocationHead];
  for (const path of files) writeFileSync(path, '{}');
  mkdirSync(dir.parts);
  writeFileSync(join(dir.spool, 'receipt'), 'not sent');
  return { dir, identity, files };
}

test('an agent that was shut out serves nothing after a crash at any step of enrolling again, and the next attempt keeps everything', async () => {
  const whole = new FailingDisk();
  const first = await makeShutOut(whole);
  const before = whole.steps.length;
  await setAside(first.dir, first.identity, first.identity);
  const count = whole.steps.length - before;
  expect(count).toBeGreaterThan(10);

  for (let at = 0; at < count; at += 1) {
    const disk = new FailingDisk();
    const { dir, identity, files } = await makeShutOut(disk);
    const start = disk.steps.length;
    disk.fail = (_, index) => (index === start + at ? makeDiskError('EIO') : null);
    await expect(setAside(dir, identity, identity)).rejects.toThrow('EIO');
    if (readStanding(dir) === 'good') expect(files.filter((path) => existsSync(path))).toEqual([]);

    const again = openStateDir(dir.path);
    await setAside(again, identity, identity);
    const kept = readdirSync(join(dir.path, 'former'), { recursive: true, encoding: 'utf8' });
    expect(kept.filter((name) => name.endsWith('spool/receipt'))).toHaveLength(1);
    expect([...files, dir.standing, dir.parts].filter((path) => existsSync(path))).toEqual([]);
  }
});

test('the key of a site stays for an agent of that site, and goes with the former agent of another', async () => {
  const { dir, identity } = await makeShutOut(new FailingDisk());
  await setAside(dir, identity, identity);
  expect(existsSync(dir.siteKey)).toBe(true);
  const folder = await setAside(dir, identity, { siteId: randomUUID() });
  expect([existsSync(dir.siteKey), existsSync(join(folder, 'site.key'))]).toEqual([false, true]);
});
