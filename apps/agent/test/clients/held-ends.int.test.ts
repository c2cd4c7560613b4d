import { randomUUID } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { makeClientKey, makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { openAudit } from '../../src/audit/open-audit.ts';
import { recoverSpool } from '../../src/audit/recover.ts';
import { LiveRedactor } from '../../src/audit/redaction/live-redactor.ts';
import { realDisk } from '../../src/state/disk.ts';
import { openSiteKey } from '../../src/state/site-key.ts';
import { openStateDir } from '../../src/state/state-dir.ts';
import { silentLog } from '../support/control-plane/site.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { makeServerAt } from '../support/servers/upstreams.ts';
import { answerAll, startAsking, TOOL, type AskingOptions } from './asking.ts';

/** A write that its server has asked something about, and that is held. */
async function startHeld(options: AskingOptions = {}) {
  const site = await startAsking({ risk: 'write', ...options });
  const first = (await site.call()).result;
  expect(first).toMatchObject({ resultType: 'input_required' });
  await site.journal.waitForRecord(0);
  const { begun, finished } = site.journal;
  expect([begun.length, finished.map(({ reasonCode }) => reasonCode)]).toEqual([1, ['ok']]);
  // the intent stands for what goes on at the server, so the receipt of the question is another one's
  expect(finished[0]?.callId).not.toBe(begun[0]?.callId);
  return { ...site, first };
}

type Site = Awaited<ReturnType<typeof startHeld>>;

/** Whatever takes a call the ground that it stands on, and what its receipt says then. */
const ENDS: [what: string, end: (site: Site) => unknown, receipt: object][] = [
  [
    'its key is revoked',
    ({ revoke, key }) => revoke('end', { kind: 'key', id: key.keyId }),
    { outcome: 'denied', reasonCode: 'identity_revoked' },
  ],
  ['its key is gone', ({ publish }) => publish({ clientKeys: [] }), { outcome: 'denied', reasonCode: 'identity_revoked' }],
  [
    'the sessions of its key are ended',
    ({ revoke, key }) => revoke('before', { kind: 'session', id: key.keyId }),
    { outcome: 'failed', reasonCode: 'cancelled' },
  ],
  [
    'its profile is withdrawn',
    ({ publish }) => publish({ profiles: [], clientKeys: [] }),
    { outcome: 'denied', reasonCode: 'identity_revoked' },
  ],
  [
    'its tool leaves the profile',
    ({ publish, profile }) => publish({ profiles: [{ ...profile, entries: [] }] }),
    { outcome: 'denied', reasonCode: 'tool_not_approved' },
  ],
  [
    'its tool is switched off',
    ({ publish, profile, server }) =>
      publish({ profiles: [{ ...profile, entries: [makeTool(server, TOOL, { rule: 'deny' })] }] }),
    { outcome: 'denied', reasonCode: 'tool_not_approved' },
  ],
  [
    'its server is withdrawn',
    ({ publish, profile }) => publish({ servers: [], profiles: [{ ...profile, entries: [] }] }),
    { outcome: 'denied', reasonCode: 'tool_not_approved' },
  ],
  [
    'its server is defined anew',
    ({ publish, server }) => publish({ servers: [{ ...server, features: { ...server.features, logging: true } }] }),
    { outcome: 'denied', reasonCode: 'tool_not_approved' },
  ],
  [
    'its tool is stopped',
    ({ revoke, server }) => revoke('stop', { kind: 'tool', id: server.id, name: TOOL.name }),
    { outcome: 'denied', reasonCode: 'tool_not_approved' },
  ],
  [
    'its server is stopped',
    ({ revoke, server }) => revoke('stop', { kind: 'server', id: server.id }),
    { outcome: 'denied', reasonCode: 'tool_not_approved' },
  ],
  [
    'its profile is stopped',
    ({ revoke, profile }) => revoke('stop', { kind: 'profile', id: profile.id }),
    { outcome: 'denied', reasonCode: 'identity_revoked' },
  ],
  [
    'the agent is revoked',
    ({ revoke, site }) => revoke('end', { kind: 'agent', id: site.agentId }),
    { outcome: 'denied', reasonCode: 'agent_revoked' },
  ],
  ['the agent ends', ({ close }) => close(), { outcome: 'failed', reasonCode: 'cancelled' }],
];

test.each(ENDS)(
  'T-59: a held call ends at once at its server when %s, and has a receipt of what became of it',
  async (_, end, receipt) => {
    const site = await startHeld();
    await end(site);
    const record = await site.journal.waitForRecord(1);
    expect(record).toMatchObject({ ...receipt, callId: site.journal.begun[0]?.callId, name: 'order', risk: 'write' });
    await expect.poll(() => [site.seen.cancelled, site.seen.ended]).toEqual([1, 1]);
    expect(site.seen.done).toBe(0);
    expect(site.journal.finished).toHaveLength(2);
  },
);

test('what changes nothing for a held call lets it go on', async () => {
  const { call, first, publish, profile, server, journal, seen } = await startHeld();
  const entries = [makeTool(server, TOOL, { risk: 'write', describe: 'in other words' })];
  publish({ profiles: [{ ...profile, entries }, makeProfile([], { slug: 'other' })] });
  expect((await call(answerAll(first))).result).toMatchObject({ content: [{ text: 'done 1' }] });
  expect(seen).toMatchObject({ begun: 1, done: 1, cancelled: 0 });
  // the receipt of the request that went on is that of the call: one intent, one end
  await journal.waitForRecord(1);
  expect(journal.begun).toHaveLength(1);
  expect(journal.finished.map(({ reasonCode }) => reasonCode)).toEqual(['ok', 'ok']);
  expect(journal.finished[1]?.callId).toBe(journal.begun[0]?.callId);
});

test('a held write that nobody comes back for has a receipt when it is given up', async () => {
  const { journal, seen } = await startHeld({ limits: { heldMs: 200 } });
  expect(await journal.waitForRecord(1)).toMatchObject({
    callId: journal.begun[0]?.callId,
    outcome: 'failed',
    reasonCode: 'upstream_timeout',
  });
  await expect.poll(() => seen.ended).toBe(1);
});

test('what a server did with a held call is on record as soon as it is known, and its client still gets the answer', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { call, first, journal, seen } = await startHeld({ goOn: promise });
  resolve();
  expect(await journal.waitForRecord(1)).toMatchObject({
    callId: journal.begun[0]?.callId,
    reasonCode: 'ok',
    result: { value: { content: [{ type: 'text', text: 'done 1' }] } },
  });
  expect((await call(answerAll(first))).result).toMatchObject({ content: [{ text: 'done 1' }] });
  expect(seen).toMatchObject({ begun: 1, done: 1 });
  await journal.waitForRecord(2);
  expect(journal.finished.map(({ reasonCode }) => reasonCode)).toEqual(['ok', 'ok', 'ok']);
  // each intent has its end
  const ended = new Set(journal.finished.map(({ callId }) => callId));
  expect(journal.begun.every(({ callId }) => ended.has(callId))).toBe(true);
});

test('a call that is held several times has one intent, and every request its receipt', async () => {
  const { call, first, journal } = await startHeld({ questions: 3 });
  let asked = first;
  for (const round of [1, 2]) {
    asked = (await call(answerAll(asked))).result;
    expect([asked.resultType, round]).toEqual(['input_required', round]);
  }
  expect((await call(answerAll(asked))).result).toMatchObject({ resultType: 'complete' });
  await journal.waitForRecord(3);
  expect(journal.begun).toHaveLength(1);
  expect(journal.finished.map(({ reasonCode }) => reasonCode)).toEqual(['ok', 'ok', 'ok', 'ok']);
  expect(journal.finished.map(({ callId }) => callId === journal.begun[0]?.callId)).toEqual([false, false, false, true]);
});

test('a call that comes to be held while its server is let go is not held: the server is told, and its client gets the answer', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const site = await startAsking({ risk: 'write', waitFor: promise });
  const call = site.call();
  await expect.poll(() => site.seen.begun).toBe(1);
  site.publish({ servers: [{ ...site.server, features: { ...site.server.features, logging: true } }] });
  resolve();
  expect(await call).toMatchObject({ error: { message: expect.stringContaining('cannot be asked any more') } });
  expect(site.seen).toMatchObject({ ended: 1, done: 0 });
  await site.journal.waitForRecord(0);
  const { begun, finished } = site.journal;
  expect(finished.map(({ callId }) => callId)).toEqual(begun.map(({ callId }) => callId));
});

test('what is held is counted for the key, whatever its clients call themselves, and another key has its own share', async () => {
  const { call, publish, key, profile } = await startAsking();
  const other = makeClientKey(profile);
  publish({ clientKeys: [key, other.key] });
  const results = await Promise.all(Array.from({ length: 16 }, (_, n) => call({}, undefined, `client ${n}`)));
  expect(results.filter(({ result }) => result.resultType === 'input_required')).toHaveLength(16);
  expect(await call({}, undefined, 'one more')).toMatchObject({
    error: { message: expect.stringContaining('too much at once') },
  });
  expect((await call({}, other.secret)).result).toMatchObject({ resultType: 'input_required' });
});

test('who comes to go on with a write at a server that cannot be reached any more is not told to try again', async () => {
  const { first, server, publish, call, upstream } = await startHeld();
  const gone = new URL(upstream.url);
  gone.port = '1';
  publish({ servers: [makeServerAt(gone.href, undefined, { id: server.id, slug: server.slug })] });
  const { result } = await call(answerAll(first));
  expect(result.content[0]?.text).toContain('Look before you make it again');
});

test('what held calls keep of their requests is bounded, and one key leaves as much free as it has taken', async () => {
  const { call, publish, key, profile } = await startAsking();
  const other = makeClientKey(profile);
  publish({ clientKeys: [key, other.key] });
  const large = { arguments: { text: 'x'.repeat(3.5 * 1024 * 1024) } };
  for (let held = 0; held < 4; held += 1) expect((await call(large)).result).toMatchObject({ resultType: 'input_required' });
  expect(await call(large)).toMatchObject({ error: { message: expect.stringContaining('too much at once') } });
  expect((await call()).result).toMatchObject({ resultType: 'input_required' });
  expect((await call(large, other.secret)).result).toMatchObject({ resultType: 'input_required' });
});

test('an agent that crashes while a write is held finds on its disk that nobody knows what became of it', async () => {
  const dir = openStateDir(makeTempDir());
  const audit = await openAudit({
    dir,
    siteId: randomUUID(),
    siteKey: await openSiteKey(dir, null),
    redactor: new LiveRedactor(),
    detail: 'marked',
    onFinished: () => {},
    onSpoolFailure: () => {},
    log: silentLog,
    now: () => new Date(),
  });
  onTestFinished(() => audit.close());
  /** What the next start would find. */
  const recover = async () => {
    await audit.spool.sync();
    const copy = join(makeTempDir(), 'spool');
    cpSync(dir.spool, copy, { recursive: true });
    const { openIntents, head } = await recoverSpool(copy, realDisk);
    return { open: [...openIntents.values()], receipts: head.lastSeq };
  };
  const { call } = await startAsking({ risk: 'write', listener: { journal: audit.journal } });
  const first = (await call()).result;
  await expect.poll(recover).toMatchObject({ open: [{ name: 'order', risk: 'write' }], receipts: 1 });
  expect((await call(answerAll(first))).result).toMatchObject({ resultType: 'complete' });
  await expect.poll(recover).toEqual({ open: [], receipts: 2 });
});
