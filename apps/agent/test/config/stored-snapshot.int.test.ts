import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { TestSite, withCredential } from '../support/control-plane/site.ts';
import { makeDiskError, FailingDisk } from '../support/disk/failing-disk.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

test('T-16: a crash at any step of storing leaves exactly the old or the new snapshot', async () => {
  const site = new TestSite();
  const servers = [withCredential('https://orders.example/mcp')];
  const seen = new Set<number>();
  for (let crashAt = 0; ; crashAt++) {
    const path = makeTempDir();
    await site.startAgent(path).applier.apply(site.push(site.makeSnapshot(1)));
    const disk = new FailingDisk();
    disk.fail = (_step, index) => (index >= crashAt ? makeDiskError('EIO') : null);
    const { applier, current } = site.startAgent(path, { disk });
    const status = await applier.apply(site.push(site.makeSnapshot(2, { servers })));
    const after = site.startAgent(path).current.get()?.version ?? 0;
    seen.add(after);
    if (status.status === 'applied') {
      expect(after).toBe(2);
      break;
    }
    expect(status).toMatchObject({ appliedVersion: 1, error: { code: 'storage' } });
    expect(current.get()?.version).toBe(1);
    expect([1, 2]).toContain(after);
  }
  expect(seen).toEqual(new Set([1, 2]));
});

test('T-16: a half-written temporary file is no obstacle to the next configuration', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  writeFileSync(join(path, 'snapshot.json.new'), '{"payloadTy');
  const { applier } = site.startAgent(path);
  expect(await applier.apply(site.push(site.makeSnapshot(1)))).toMatchObject({ status: 'applied' });
});

test('a stored snapshot that was altered on disk is not served', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const first = site.startAgent(path);
  await first.applier.apply(site.push(site.makeSnapshot(3)));
  const stored = JSON.parse(readFileSync(first.dir.snapshot.path, 'utf8'));
  const altered = JSON.stringify({ ...site.makeSnapshot(4) });
  writeFileSync(first.dir.snapshot.path, JSON.stringify({ ...stored, payload: Buffer.from(altered).toString('base64') }));
  expect(site.startAgent(path).current.get()).toBeNull();
  writeFileSync(first.dir.snapshot.path, '{');
  expect(site.startAgent(path).current.get()).toBeNull();
  expect(await site.startAgent(path).applier.apply(site.push(site.makeSnapshot(4)))).toMatchObject({ status: 'applied' });
});

test('T-15: what could not be stored is tried again; a refusal is told until something newer runs', async () => {
  const site = new TestSite();
  const disk = new FailingDisk();
  const { applier, current } = site.startAgent(makeTempDir(), { disk });
  expect(await applier.retry()).toBeNull();
  disk.fail = (step) => (step === 'write' ? makeDiskError('ENOSPC') : null);
  const refusal = { status: 'rejected', rejectedVersion: 1, error: { code: 'storage' } };
  expect(await applier.apply(site.push(site.makeSnapshot(1)))).toMatchObject(refusal);
  expect(await applier.retry()).toBeNull();
  expect(applier.getStatus()).toMatchObject({ ...refusal, nonce: null });
  disk.fail = () => null;
  expect(await applier.retry()).toMatchObject({ nonce: null, status: 'applied', appliedVersion: 1, error: null });
  expect(current.get()?.version).toBe(1);

  await applier.apply(site.push(site.makeSnapshot(2, {}, { notAfter: '2026-01-01T00:00:00.000Z' })));
  expect(applier.getStatus()).toMatchObject({ appliedVersion: 1, rejectedVersion: 2, error: { code: 'lease_expired' } });
  expect(await applier.retry()).toBeNull();
  await applier.apply(site.push(site.makeSnapshot(3)));
  expect(applier.getStatus()).toMatchObject({ appliedVersion: 3, rejectedVersion: null, error: null });
});

test.each(['damaged', 'altered', 'missing'])('T-16: a stored snapshot that is %s leaves the one before it', async (how) => {
  const site = new TestSite();
  const path = makeTempDir();
  const { applier, dir } = site.startAgent(path);
  for (const version of [1, 2]) await applier.apply(site.push(site.makeSnapshot(version)));
  const stored = JSON.parse(readFileSync(dir.snapshot.path, 'utf8'));
  if (how === 'missing') rmSync(dir.snapshot.path);
  else writeFileSync(dir.snapshot.path, how === 'damaged' ? '{' : JSON.stringify({ ...stored, payload: 'e30=' }));
  expect(site.startAgent(path).current.get()?.version).toBe(1);

  // the damaged one does not take the place of the good one, whatever happens to the next
  const disk = new FailingDisk();
  disk.fail = (step) => (step === 'sync' ? makeDiskError('ENOSPC') : null);
  const full = site.startAgent(path, { disk });
  expect(await full.applier.apply(site.push(site.makeSnapshot(3)))).toMatchObject({ error: { code: 'storage' } });
  const restarted = site.startAgent(path);
  expect(restarted.current.get()?.version).toBe(1);
  expect(await restarted.applier.apply(site.push(site.makeSnapshot(3)))).toMatchObject({ appliedVersion: 3 });
  writeFileSync(dir.snapshot.path, '');
  expect(site.startAgent(path).current.get()?.version).toBe(1);
});
