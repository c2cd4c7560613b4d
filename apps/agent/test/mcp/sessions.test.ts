import { expect, test } from 'vitest';

import { CallStopped } from '../../src/upstream/failure.ts';
import { FailureBudget } from '../../src/mcp/failure-budget.ts';
import { Session, Sessions } from '../../src/mcp/sessions.ts';

function makeSession(): Session {
  const key = { keyId: 'k', hash: 'h', personId: 'p', profileId: 'x', expiresAt: '2099-01-01T00:00:00Z' };
  const profile = { id: 'x', slug: 's', name: 'S', description: '', version: 1, audit: 'durable' as const, tools: [] };
  const caller = { key, profile: { profile, listed: [], listedHash: 'a', tools: new Map() } };
  return new Session(caller, { name: 'test', version: '0', protocolVersion: '2025-11-25' }, 0);
}

test('T-47: session ids are long, printable and never repeat', () => {
  const ids = Array.from({ length: 1_000 }, () => makeSession().id);
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{32}$/);
});

test('an id that a client uses twice cancels both of its calls and no other', () => {
  const session = makeSession();
  const stopped: string[] = [];
  const untrack = session.track(1, (code) => stopped.push(`first ${code}`));
  session.track(1, (code) => stopped.push(`second ${code}`));
  session.track('1', (code) => stopped.push(`text ${code}`));
  expect(session.isBusy()).toBe(true);
  session.cancel(1);
  expect(stopped).toEqual(['first cancelled', 'second cancelled']);
  untrack();
  session.cancel(1);
  expect(stopped).toEqual(['first cancelled', 'second cancelled', 'second cancelled']);
  session.cancel(99);
});

test('sessions end when they are idle or old, and not while they are busy', () => {
  let now = 0;
  const sessions = new Sessions({ idleMs: 10, lifetimeMs: 100, perKey: 5, total: 5 }, () => now);
  const open = () => {
    const { caller, client } = makeSession();
    const session = sessions.open(caller, client);
    if (!session) throw new Error('no room');
    return session;
  };
  const idle = open();
  const busy = open();
  const used = open();
  const done = busy.track(1, () => undefined);
  now = 11;
  expect(sessions.find(used.id, used.caller)).toBe(used);
  sessions.sweep();
  expect([idle, busy, used].map(({ id, caller }) => sessions.find(id, caller) !== null)).toEqual([false, true, true]);
  done();
  now = 101;
  sessions.find(busy.id, busy.caller);
  sessions.sweep();
  expect(sessions.count()).toBe(0);
  sessions.close();
});

test('when every session is busy no further one is opened', () => {
  const sessions = new Sessions({ idleMs: 10, lifetimeMs: 100, perKey: 1, total: 5 }, () => 0);
  const { caller, client } = makeSession();
  sessions.open(caller, client)?.track(1, () => undefined);
  expect(sessions.open(caller, client)).toBeNull();
  sessions.close();
});

test('refused attempts are counted per address and minute', () => {
  let now = 0;
  const budget = new FailureBudget(() => now, 2);
  expect([budget.spend('a'), budget.spend('a'), budget.spend('a'), budget.spend('b')]).toEqual([true, true, false, true]);
  now = 60_001;
  expect(budget.spend('a')).toBe(true);
  for (let index = 0; index < 30_000; index += 1) budget.spend(`address-${index}`);
  expect(budget.spend('a')).toBe(true);
});

test('the reason of a stopped call is a sentence', () => {
  expect(new CallStopped('upstream_timeout').message).toBe('The server did not answer in time.');
});
