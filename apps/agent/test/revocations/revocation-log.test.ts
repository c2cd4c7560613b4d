import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';

import { onTestFinished, expect, test } from 'vitest';

import { MAX_REVOCATIONS } from '@gatehouse/protocol/revocations';
import { FakeRevocations } from '@gatehouse/protocol/testing/fake-revocations';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { RevocationLog } from '../../src/revocations/revocation-log.ts';
import { realDisk, type Disk } from '../../src/state/disk.ts';
import { openStateDir } from '../../src/state/state-dir.ts';
import { silentLog, TestSite } from '../support/control-plane/site.ts';
import { FailingDisk, makeDiskError } from '../support/disk/failing-disk.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { chooseRounds } from '../support/drill.ts';

const HOUR_MS = 3_600_000;

/** A tenant's log as its control plane has it, and agents of the tenant on one directory. */
function makeWorld() {
  const site = new TestSite();
  const path = makeTempDir();
  const control = new FakeRevocations(site.root, site.tenantId);
  const open = ({
    disk = realDisk,
    maxAgeMs = null,
    now = Date.now,
  }: { disk?: Disk; maxAgeMs?: number | null; now?: () => number } = {}) => {
    const log = new RevocationLog({ dir: openStateDir(path, disk), trust: site.trust, maxAgeMs, now, log: silentLog });
    onTestFinished(() => log.close());
    return log;
  };
  const isEnded = (log: RevocationLog, id: string) => log.revocations.isBarred({ kind: 'key', id }, Date.now());
  return { site, control, open, isEnded, file: openStateDir(path).revocations };
}

function getWanted({ control }: ReturnType<typeof makeWorld>) {
  const { count, root } = control.buildHead();
  return { type: 'revocations-status', count, root };
}

test('what arrives counts at once, is on disk when it is answered, and counts after a restart', async () => {
  const world = makeWorld();
  const log = world.open();
  world.control.add('end', { kind: 'key', id: 'a' });
  world.control.add('end', { kind: 'key', id: 'b' });
  const taken = log.take(world.control.buildPush());
  expect(world.isEnded(log, 'a')).toBe(true);
  expect(await taken).toEqual({ isAhead: false });
  expect(log.getStatus()).toEqual(getWanted(world));
  expect(statSync(world.file).mode & 0o777).toBe(0o600);

  const again = world.open();
  expect([world.isEnded(again, 'b'), world.isEnded(again, 'c')]).toEqual([true, false]);
  expect(again.getStatus()).toEqual(getWanted(world));
});

test('nothing is taken that is not signed by this tenant as a revocation of this tenant; the rest of the message is', async () => {
  const world = makeWorld();
  const { control, site } = world;
  const log = world.open();
  const subject = { kind: 'key', id: 'mine' } as const;
  const foreign = new FakeRevocations(new TestKey(), site.tenantId);
  const otherTenant = control.sign(control.build('end', subject, { tenantId: randomUUID() }));
  const altered = control.sign(control.build('end', { kind: 'key', id: 'else' }));
  const forged = [
    foreign.sign(foreign.build('end', subject)),
    { ...foreign.sign(foreign.build('end', subject)), keyId: site.root.keyId },
    otherTenant,
    { ...altered, payload: control.sign(control.build('end', subject)).payload },
    site.root.sign('application/vnd.gatehouse.snapshot+json', control.build('end', subject)),
    control.signHead(control.buildHead()),
    control.sign({ nonsense: true }),
  ];
  control.add('end', { kind: 'key', id: 'real' });
  await log.take(control.buildPush([...forged, ...control.entries]));
  expect([world.isEnded(log, 'mine'), world.isEnded(log, 'real')]).toEqual([false, true]);
  expect(log.getStatus()).toEqual(getWanted(world));
  expect(world.open().getStatus()).toEqual(getWanted(world));
});

test('a lift without the signature of the tenant lifts nothing', async () => {
  const world = makeWorld();
  const log = world.open();
  const subject = { kind: 'server', id: randomUUID() } as const;
  const stop = world.control.add('stop', subject);
  await log.take(world.control.buildPush());
  const foreign = new FakeRevocations(new TestKey(), world.site.tenantId);
  await log.take(world.control.buildPush([foreign.sign(foreign.build('lift', subject, { of: stop.id }))]));
  expect(log.revocations.isBarred(subject, Date.now())).toBe(true);
  world.control.add('lift', subject, { of: stop.id });
  await log.take(world.control.buildPush());
  expect(log.revocations.isBarred(subject, Date.now())).toBe(false);
});

test.each([
  ['a torn end', (file: string) => truncateSync(file, statSync(file).size - 20), 2],
  ['a flipped byte', (file: string) => changeByte(file, statSync(file).size >> 1), 2],
  ['rubbish at the end', (file: string) => appendFileSync(file, `${'x'.repeat(100_000)}\n{}\n\0`), 3],
  ['nothing of it left', (file: string) => writeFileSync(file, ''), 0],
])('%s costs what is damaged only, and that comes again', async (_, damage, left) => {
  const world = makeWorld();
  const log = world.open();
  for (const id of ['a', 'b', 'c']) world.control.add('end', { kind: 'key', id });
  for (const entry of world.control.entries) await log.take(world.control.buildPush([entry]));
  damage(world.file);

  const again = world.open();
  expect(again.getStatus().count).toBe(left);
  await again.take(world.control.buildPush());
  expect(again.getStatus()).toEqual(getWanted(world));
  const last = world.open();
  expect(['a', 'b', 'c'].map((id) => world.isEnded(last, id))).toEqual([true, true, true]);
});

test('with a full disk a revocation counts all the same and is stored once there is room', async () => {
  const world = makeWorld();
  const disk = new FailingDisk();
  const log = world.open({ disk });
  disk.fail = (step) => (step === 'write' || step === 'sync' ? makeDiskError('ENOSPC') : null);
  world.control.add('end', { kind: 'key', id: 'a' });
  await log.take(world.control.buildPush());
  expect(world.isEnded(log, 'a')).toBe(true);
  expect(world.open().getStatus().count).toBe(0);

  disk.fail = () => null;
  await log.save();
  expect(world.open().getStatus()).toEqual(getWanted(world));
});

test('T-13: a hub that withholds an entry, or sends an old head, does not make the log look fresh', async () => {
  const world = makeWorld();
  let now = Date.parse('2026-11-28T12:00:00Z');
  const toHead = (ms: number) => ({ asOf: new Date(ms).toISOString() });
  const options = { maxAgeMs: HOUR_MS, now: () => now };
  const log = world.open(options);
  expect(log.explainAge(now)).toContain('nothing of it was ever confirmed');
  world.control.add('end', { kind: 'key', id: 'a' });
  const old = world.control.buildPush(world.control.entries, toHead(now));
  await log.take(old);
  expect(log.explainAge(now)).toBeNull();
  expect(world.open(options).explainAge(now)).toBeNull();

  world.control.add('end', { kind: 'key', id: 'withheld' });
  now += 2 * HOUR_MS;
  await log.take(old);
  await log.take(world.control.buildPush([], toHead(now)));
  expect(log.explainAge(now)).toContain('2026-11-28T12:00:00.000Z');
  expect(world.open(options).explainAge(now)).not.toBeNull();
  await log.take(world.control.buildPush(world.control.entries, toHead(now)));
  expect(log.explainAge(now)).toBeNull();
});

test('a log with more than the head covers is ahead, and hands all of it back in pages', async () => {
  const world = makeWorld();
  const log = world.open();
  for (let index = 0; index <= MAX_REVOCATIONS; index += 1) world.control.add('end', { kind: 'key', id: `k${index}` });
  const restored = world.control.entries.slice(0, 3);
  for (let from = 0; from < world.control.entries.length; from += MAX_REVOCATIONS) {
    expect(await log.take(world.control.buildPush(world.control.entries.slice(from, from + MAX_REVOCATIONS)))).toEqual({
      isAhead: false,
    });
  }
  const head = world.control.signHead(world.control.buildHead(restored));
  expect(await log.take({ type: 'revocations', entries: [], head })).toEqual({ isAhead: true });
  const pages = [...log.listPages()];
  expect(pages.map(({ length }) => length)).toEqual([MAX_REVOCATIONS, 1]);
  expect(pages.flat()).toEqual(world.control.entries);
});

test('the end of this agent, and a stop of its workspace, refuse everybody', async () => {
  const world = makeWorld();
  const log = world.open();
  world.control.add('end', { kind: 'agent', id: randomUUID() });
  await log.take(world.control.buildPush());
  expect(log.explainBar(Date.now())).toBeNull();
  const stop = world.control.add('stop', { kind: 'tenant', id: world.site.tenantId });
  await log.take(world.control.buildPush());
  expect(log.explainBar(Date.now())).toContain('workspace');
  world.control.add('lift', { kind: 'tenant', id: world.site.tenantId }, { of: stop.id });
  world.control.add('end', { kind: 'agent', id: world.site.agentId });
  await log.take(world.control.buildPush());
  expect(log.explainBar(Date.now())).toContain('revoked');
});

test('100,000 entries take the memory of their fold, in pages and again from the disk', { timeout: 240_000 }, async () => {
  const world = makeWorld();
  const { entries } = world.control;
  const wanted = chooseRounds(100_000);
  while (entries.length < wanted) world.control.add('end', { kind: 'key', id: randomUUID() });
  const head = world.control.signHead(world.control.buildHead());
  const before = process.memoryUsage().heapUsed;
  const log = world.open();
  for (let from = 0; from < wanted; from += MAX_REVOCATIONS) {
    await log.take({ type: 'revocations', entries: entries.slice(from, from + MAX_REVOCATIONS), head });
  }
  expect(log.getStatus()).toEqual(getWanted(world));
  expect(world.open().getStatus()).toEqual(getWanted(world));
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(256 * 1024 * 1024);
});

/** Changes one byte that is no line break. */
function changeByte(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = bytes[at] === 0x41 ? 0x42 : 0x41;
  writeFileSync(file, bytes);
}
