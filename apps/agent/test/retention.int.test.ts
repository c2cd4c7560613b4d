import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { Retention } from '../src/audit/retention.ts';
import { realDisk } from '../src/state/disk.ts';
import { openSpool } from './support/agent/spool.ts';
import { makeDraft } from './support/clients/calls.ts';
import { makeTempDir } from './support/disk/temp-dir.ts';

const DAY_MS = 86_400_000;

async function makeSpool(count = 10, totalBytesLimit = 1e9) {
  const directory = makeTempDir();
  const { spool } = await openSpool(directory, { limits: { segmentBytes: 2_000 } });
  for (let n = 0; n < count; n++) {
    spool.appendReceipt(makeDraft());
    await spool.sync();
  }
  const clock = { now: Date.parse('2026-11-21T10:00:00Z') };
  const open = () =>
    new Retention({
      directory,
      disk: realDisk,
      segments: spool.segments,
      head: spool.getDurableHead(),
      totalBytesLimit,
      now: () => new Date(clock.now),
    });
  return { directory, spool, clock, open, spoolId: spool.getDurableHead().spoolId };
}

test('nothing that the hub has not acknowledged is ever deleted', async () => {
  const { spool, clock, open, spoolId } = await makeSpool();
  const before = spool.segments.map((segment) => segment.path);
  const retention = open();
  retention.sweep();
  await retention.acknowledge(spoolId, 0);
  clock.now += 365 * DAY_MS;
  retention.sweep();
  expect(spool.segments.map((segment) => segment.path)).toEqual(before);
  expect(before.every((path) => existsSync(path))).toBe(true);
});

test('a segment goes seven days after all of it was acknowledged; the last one stays', async () => {
  const { spool, clock, open, spoolId } = await makeSpool();
  const paths = spool.segments.map((segment) => segment.path);
  const retention = open();
  const through = spool.segments[2]?.prevSeq ?? 0;
  await retention.acknowledge(spoolId, through);
  clock.now += 7 * DAY_MS - 1;
  retention.sweep();
  expect(spool.segments).toHaveLength(paths.length);
  clock.now += 1;
  retention.sweep();
  expect(spool.segments.map((segment) => segment.path)).toEqual(paths.slice(2));
  expect(paths.map((path) => existsSync(path))).toEqual(paths.map((_, index) => index >= 2));
  await retention.acknowledge(spoolId, 10);
  clock.now += 8 * DAY_MS;
  retention.sweep();
  expect(spool.segments).toHaveLength(1);
});

test('acknowledged segments go early when the space gets tight', async () => {
  const { spool, open, spoolId } = await makeSpool(10, 12_000);
  expect(spool.getTotalBytes()).toBeGreaterThan(9_600);
  const retention = open();
  await retention.acknowledge(spoolId, 10);
  expect(spool.getTotalBytes()).toBeLessThan(9_600);
  expect(spool.segments.length).toBeGreaterThan(1);
});

test('the mark outlives a restart, is clamped to what this disk holds, and a damaged one means nothing was acknowledged', async () => {
  const { directory, spool, open, spoolId } = await makeSpool();
  const retention = open();
  await retention.acknowledge(spoolId, 4);
  await retention.acknowledge(spoolId, 9);
  await retention.close();
  expect(open().getThroughSeq(spoolId)).toBe(9);
  expect(open().getThroughSeq('11111111-1111-4111-8111-111111111111')).toBe(0);
  const shorter = new Retention({
    directory,
    disk: realDisk,
    segments: spool.segments,
    head: { ...spool.getDurableHead(), lastSeq: 6 },
    totalBytesLimit: 1e9,
    now: () => new Date(),
  });
  expect(shorter.getThroughSeq(spoolId)).toBe(6);
  writeFileSync(join(directory, 'mark.json'), '{"spoolId"');
  expect(open().getThroughSeq(spoolId)).toBe(0);
});

test('the segments of an older stream count as done once a new stream repeats them', async () => {
  const { spool, clock, open } = await makeSpool();
  await spool.restart([], 0);
  const retention = open();
  await retention.acknowledge(spool.getDurableHead().spoolId, 0);
  clock.now += 8 * DAY_MS;
  retention.sweep();
  expect(spool.segments.map((segment) => segment.spoolId)).toEqual([spool.getDurableHead().spoolId]);
});
