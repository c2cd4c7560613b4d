import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CHAIN_START, verifyRun } from '@gatehouse/protocol/receipt-chain';
import { buildReceipts, writeEarlier } from '@gatehouse/protocol/testing/build-receipts';

import { encodeFrame, scanFrames } from '../src/audit/frame.ts';
import { getSegmentPath } from '../src/audit/segment.ts';
import { SpoolFull } from '../src/audit/spool.ts';
import { openSpool, readAll } from './support/agent/spool.ts';
import { makeDraft, makeFacts } from './support/clients/calls.ts';
import { makeDiskError, FailingDisk } from './support/disk/failing-disk.ts';
import { makeTempDir } from './support/disk/temp-dir.ts';
import { chooseRounds } from './support/drill.ts';

const listIds = (receipts: { id: string }[]) => receipts.map((receipt) => receipt.id);

test('receipts come back in order, numbered without a gap and chained, across segments and restarts', async () => {
  const directory = makeTempDir();
  const drafts = Array.from({ length: 60 }, () => makeDraft());
  for (let at = 0; at < drafts.length; at += 20) {
    const { spool } = await openSpool(directory, { limits: { segmentBytes: 4_000 } });
    for (const draft of drafts.slice(at, at + 20)) {
      await spool.appendIntent(makeFacts({ callId: draft.id }));
      spool.appendReceipt(draft);
    }
    await spool.close();
  }
  const { spool } = await openSpool(directory);
  const receipts = readAll(spool);
  expect(listIds(receipts)).toEqual(listIds(drafts));
  expect(verifyRun(CHAIN_START, receipts)).toMatchObject({ ok: true, head: { seq: 60 } });
  expect(readAll(spool, 57)).toHaveLength(3);
  expect(spool.segments.length).toBeGreaterThan(5);
});

test('what an older agent left on disk is read as it was written, continued, and known again as an open call', async () => {
  const directory = makeTempDir();
  const [receipt] = buildReceipts(1, { kind: 'tool', name: 'get_order' });
  if (!receipt) throw new Error('no receipt');
  const first = writeEarlier(receipt, CHAIN_START);
  const second = writeEarlier({ ...receipt, id: randomUUID() }, { seq: first.seq, hash: first.hash });
  const { kind: _kind, name: toolName, ...facts } = makeFacts({ name: 'notes://{id}', method: 'resources/read' });
  const frames = [
    encodeFrame('header', JSON.stringify({ format: 1, spoolId: receipt.spoolId, prevSeq: 0, prevHash: CHAIN_START.hash })),
    encodeFrame('intent', JSON.stringify({ ...facts, toolName })),
    encodeFrame('receipt', JSON.stringify(first)),
    encodeFrame('receipt', JSON.stringify(second)),
  ];
  writeFileSync(getSegmentPath(directory, 1), Buffer.concat(frames));

  const { spool, recovered } = await openSpool(directory);
  expect(recovered).toMatchObject({ damagedBytes: 0, missingReceipts: 0 });
  expect([...recovered.openIntents.values()]).toEqual([{ ...facts, kind: 'template', name: 'notes://{id}' }]);
  spool.appendReceipt(makeDraft());
  await spool.sync();
  const receipts = readAll(spool);
  expect(receipts.slice(0, 2)).toEqual([first, second]);
  expect(verifyRun(CHAIN_START, receipts)).toMatchObject({ ok: true, head: { seq: 3 } });

  // a new stream has other hashes, so it repeats them in the present form
  await spool.restart(receipts, 0);
  const repeated = readAll(spool);
  expect(repeated.map(({ format }) => format)).toEqual([2, 2, 2]);
  expect(repeated[0]).toMatchObject({ id: first.id, kind: 'tool', name: 'get_order' });
  expect(verifyRun(CHAIN_START, repeated)).toMatchObject({ ok: true, head: { seq: 3 } });
});

test('intents that wait together share one fdatasync', async () => {
  const disk = new FailingDisk();
  const { spool } = await openSpool(makeTempDir(), { disk });
  await spool.appendIntent(makeFacts());
  disk.steps = [];
  await Promise.all(Array.from({ length: 50 }, () => spool.appendIntent(makeFacts())));
  expect(disk.steps).toEqual(['write', 'sync']);
});

test('a new segment has its name only when it is whole, and the name is durable before an intent counts', async () => {
  const disk = new FailingDisk();
  const { spool } = await openSpool(makeTempDir(), { disk });
  await spool.appendIntent(makeFacts());
  expect(disk.steps).toEqual(['create', 'write', 'sync', 'rename', 'syncDirectory', 'write', 'sync']);
});

test('an intent without receipt is found after a restart, also when it stands segments ago', async () => {
  const directory = makeTempDir();
  const open = makeFacts();
  const first = await openSpool(directory, { limits: { segmentBytes: 2_000 } });
  await first.spool.appendIntent(open);
  for (let n = 0; n < 10; n++) first.spool.appendReceipt(makeDraft());
  await first.spool.sync();
  await first.spool.close();

  const second = await openSpool(directory);
  expect([...second.recovered.openIntents.values()]).toEqual([open]);
  second.spool.appendReceipt(makeDraft({ id: open.callId }));
  await second.spool.close();
  expect((await openSpool(directory)).recovered.openIntents.size).toBe(0);
});

test('a crash at any byte keeps every receipt before it and nothing else', async () => {
  const directory = makeTempDir();
  const { spool } = await openSpool(directory);
  const drafts = Array.from({ length: 12 }, () => makeDraft());
  for (const draft of drafts) spool.appendReceipt(draft);
  await spool.close();
  const [file = ''] = readdirSync(directory);
  const whole = readFileSync(join(directory, file));
  const ends = scanFrames(whole).frames.map((frame) => frame.end);

  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), async (length) => {
      const copy = makeTempDir();
      writeFileSync(join(copy, file), whole.subarray(0, length));
      const { spool: again, recovered } = await openSpool(copy);
      const kept = Math.max(0, ends.filter((end) => end <= length).length - 1);
      expect(listIds(readAll(again))).toEqual(listIds(drafts.slice(0, kept)));
      expect(recovered.tornBytes).toBe(length - (ends.findLast((end) => end <= length) ?? 0));

      again.appendReceipt(makeDraft());
      await again.sync();
      const after = readAll(again);
      expect(after).toHaveLength(kept + 1);
      expect(verifyRun(CHAIN_START, after)).toMatchObject({ ok: true });
      await again.close();
    }),
    { numRuns: chooseRounds(1_000) },
  );
});

test('a flipped bit in the middle is reported as damage and hides no other receipt', async () => {
  const directory = makeTempDir();
  const { spool } = await openSpool(directory);
  const drafts = Array.from({ length: 8 }, () => makeDraft());
  for (const draft of drafts) spool.appendReceipt(draft);
  await spool.close();
  const [file = ''] = readdirSync(directory);
  const whole = readFileSync(join(directory, file));
  const { frames } = scanFrames(whole);
  const firstReceipt = frames[0]?.end ?? 0;
  const lastReceipt = frames.at(-2)?.end ?? 0;

  await fc.assert(
    fc.asyncProperty(fc.integer({ min: firstReceipt, max: lastReceipt - 1 }), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
      const copy = makeTempDir();
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
      writeFileSync(join(copy, file), bytes);
      const hit = frames.findIndex((frame) => at < frame.end) - 1;
      const { spool: again, recovered } = await openSpool(copy);
      expect(listIds(readAll(again))).toEqual(listIds(drafts.filter((_, index) => index !== hit)));
      expect(recovered).toMatchObject({ missingReceipts: 1, tornBytes: 0 });
      expect(recovered.damagedBytes).toBeGreaterThan(0);
      expect(again.getWrittenHead().lastSeq).toBe(8);
      await again.close();
    }),
    { numRuns: chooseRounds(1_000) },
  );
});

test('a damaged segment header loses no receipt', async () => {
  const directory = makeTempDir();
  const { spool } = await openSpool(directory, { limits: { segmentBytes: 2_000 } });
  const drafts = Array.from({ length: 9 }, () => makeDraft());
  for (const draft of drafts) {
    spool.appendReceipt(draft);
    await spool.sync();
  }
  await spool.close();
  const last = spool.segments.at(-1);
  const bytes = readFileSync(last?.path ?? '');
  bytes.writeUInt8(bytes.readUInt8(30) ^ 1, 30);
  writeFileSync(last?.path ?? '', bytes);

  const { spool: again, recovered } = await openSpool(directory);
  expect(recovered.head.lastSeq).toBe(9);
  expect(recovered.damagedBytes).toBeGreaterThan(0);
  again.appendReceipt(makeDraft());
  await again.sync();
  expect(readAll(again)).toHaveLength(10);
});

test('a failed fsync gives the segment up, refuses the call, and keeps every receipt in a new one', async () => {
  const disk = new FailingDisk();
  const directory = makeTempDir();
  const { spool, errors } = await openSpool(directory, { disk });
  const drafts = [makeDraft(), makeDraft(), makeDraft()];
  spool.appendReceipt(drafts[0] ?? makeDraft());
  await spool.appendIntent(makeFacts());
  spool.appendReceipt(drafts[1] ?? makeDraft());
  disk.fail = (step) => (step === 'sync' ? makeDiskError('EIO') : null);
  await expect(spool.appendIntent(makeFacts())).rejects.toThrow('EIO');
  expect(errors).toHaveLength(1);

  disk.fail = () => null;
  spool.appendReceipt(drafts[2] ?? makeDraft());
  await spool.appendIntent(makeFacts());
  expect(spool.segments).toHaveLength(2);
  expect(listIds(readAll(spool))).toEqual(listIds(drafts));
  await spool.close();

  const again = await openSpool(directory);
  expect(listIds(readAll(again.spool))).toEqual(listIds(drafts));
  expect(again.recovered).toMatchObject({ missingReceipts: 0, head: { lastSeq: 3 } });
  expect(again.recovered.openIntents.size).toBe(2);
});

test('a full disk refuses calls and recovers by itself; waiting receipts are written then', async () => {
  const disk = new FailingDisk();
  const { spool } = await openSpool(makeTempDir(), { disk });
  await spool.appendIntent(makeFacts());
  disk.fail = (step) => (step === 'write' ? makeDiskError('ENOSPC') : null);
  await expect(spool.appendIntent(makeFacts())).rejects.toThrow('ENOSPC');
  const waiting = [makeDraft(), makeDraft()];
  for (const draft of waiting) spool.appendReceipt(draft);
  await expect(spool.appendIntent(makeFacts())).rejects.toThrow('ENOSPC');

  disk.fail = () => null;
  await spool.appendIntent(makeFacts());
  expect(listIds(readAll(spool))).toEqual(listIds(waiting));
});

test('while the disk is full and receipts wait, what stands behind them fails at once, and nothing is tried again without a pause', async () => {
  const disk = new FailingDisk();
  const { spool } = await openSpool(makeTempDir(), { disk });
  let attempts = 0;
  // an end for an attempt that would have none
  disk.fail = (step) => (step === 'write' && (attempts += 1) < 100 ? makeDiskError('ENOSPC') : null);
  spool.appendReceipt(makeDraft());
  await expect(spool.sync()).rejects.toThrow('ENOSPC');
  spool.appendReceipt(makeDraft());
  await Promise.all([expect(spool.sync()).rejects.toThrow('ENOSPC'), expect(spool.sync()).rejects.toThrow('ENOSPC')]);
  expect(attempts).toBeLessThan(5);

  disk.fail = () => null;
  await spool.sync();
  expect(readAll(spool)).toHaveLength(2);
});

test('any single failed disk operation loses no receipt and no durable intent', async () => {
  for (let index = 0; index < 40; index++) {
    const disk = new FailingDisk();
    const directory = makeTempDir();
    disk.fail = (_step, at) => (at === index ? makeDiskError('EIO') : null);
    const { spool } = await openSpool(directory, { disk, limits: { segmentBytes: 3_000 } });
    const drafts = Array.from({ length: 8 }, () => makeDraft());
    const durable: string[] = [];
    for (const draft of drafts) {
      spool.appendReceipt(draft);
      const intent = makeFacts();
      await spool.appendIntent(intent).then(
        () => durable.push(intent.callId),
        () => undefined,
      );
    }
    await spool.appendIntent(makeFacts());
    expect(listIds(readAll(spool)), `failing operation ${index}`).toEqual(listIds(drafts));
    await spool.close();
    const { recovered, spool: again } = await openSpool(directory);
    expect([...recovered.openIntents.keys()]).toEqual(expect.arrayContaining(durable));
    expect(listIds(readAll(again)), `after a restart, failing operation ${index}`).toEqual(listIds(drafts));
  }
});

test('a full spool refuses intents first, then receipts of refused calls, and counts what it could not keep', async () => {
  const { spool } = await openSpool(makeTempDir(), { limits: { totalBytes: 40_000 } });
  const begun: string[] = [];
  for (;;) {
    const intent = makeFacts();
    const taken = await spool.appendIntent(intent).then(
      () => true,
      (error: unknown) => !(error instanceof SpoolFull),
    );
    if (!taken) break;
    begun.push(intent.callId);
  }
  const [first = ''] = begun;
  spool.appendReceipt(makeDraft({ id: first }));
  await spool.sync();
  for (let n = 0; n < 50; n++) {
    spool.appendReceipt(makeDraft());
    await spool.sync();
  }
  expect(spool.getLostCount()).toBeGreaterThan(0);
  expect(spool.getTotalBytes()).toBeLessThan(42_000);
  expect(listIds(readAll(spool))).toContain(first);
});

test('a new stream repeats the receipts it is given and says how many are gone', async () => {
  const directory = makeTempDir();
  const { spool } = await openSpool(directory);
  const open = makeFacts();
  await spool.appendIntent(open);
  const drafts = Array.from({ length: 5 }, () => makeDraft());
  for (const draft of drafts) spool.appendReceipt(draft);
  await spool.sync();
  const before = spool.getDurableHead().spoolId;
  await spool.restart(readAll(spool, 2), 2);

  const receipts = readAll(spool);
  expect(spool.getDurableHead().spoolId).not.toBe(before);
  expect(listIds(receipts)).toEqual(listIds(drafts.slice(2)));
  expect(receipts.map(({ seq, lostBefore }) => [seq, lostBefore])).toEqual([
    [1, 2],
    [2, 0],
    [3, 0],
  ]);
  expect(verifyRun(CHAIN_START, receipts)).toMatchObject({ ok: true });
  await spool.close();
  const again = await openSpool(directory);
  expect(again.recovered).toMatchObject({ head: { lastSeq: 3, spoolId: spool.getDurableHead().spoolId } });
  expect([...again.recovered.openIntents.keys()]).toEqual([open.callId]);
});

test('state files are readable by their owner only', async () => {
  const directory = makeTempDir();
  const { spool } = await openSpool(directory);
  await spool.appendIntent(makeFacts());
  expect(statSync(spool.segments[0]?.path ?? '').mode & 0o777).toBe(0o600);
});

test('scanning finds its place behind any damage', () => {
  const frames = ['one', 'two', 'three'].map((text) => encodeFrame('intent', JSON.stringify(text)));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      const bytes = Buffer.concat([frames[0] ?? Buffer.of(), noise, frames[1] ?? Buffer.of(), noise, frames[2] ?? Buffer.of()]);
      const scan = scanFrames(bytes);
      expect(scan.frames.map((frame) => frame.payload)).toEqual(['"one"', '"two"', '"three"']);
      expect(scan.damagedBytes).toBe(noise.length * 2);
    }),
  );
});

test('a file cut to nothing is no obstacle', async () => {
  const directory = makeTempDir();
  const { spool } = await openSpool(directory);
  await spool.appendIntent(makeFacts());
  await spool.close();
  truncateSync(spool.segments[0]?.path ?? '', 0);
  const { spool: again } = await openSpool(directory);
  again.appendReceipt(makeDraft());
  await again.sync();
  expect(readAll(again)).toHaveLength(1);
});

test('a receipt that does not fit a frame is refused alone: what comes behind it is written', async () => {
  const { spool } = await openSpool(makeTempDir());
  const small = makeDraft();
  const large = makeDraft();
  expect(() => spool.appendReceipt({ ...large, name: 'x'.repeat(1024 * 1024) })).toThrow(RangeError);
  spool.appendReceipt(small);
  await spool.sync();
  expect(spool.isFailing()).toBe(false);
  expect(listIds(readAll(spool))).toEqual([small.id]);
});
