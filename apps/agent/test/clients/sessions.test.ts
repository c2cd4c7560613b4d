import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

import { expect, test } from 'vitest';

import { compileSnapshot } from '@gatehouse/policy/compile/compile-snapshot';
import { makeProfile, makeClientKey } from '@gatehouse/policy/testing/build';

import type { Caller } from '../../src/call/client-key.ts';
import { ClientText } from '../../src/call/client-text.ts';
import { FailureBudget } from '../../src/clients/failure-budget.ts';
import { Session, type TrackedRequest, type SessionDeps } from '../../src/clients/legacy/session.ts';
import { Sessions, type SessionLimits } from '../../src/clients/legacy/sessions.ts';
import { ReplyChannel } from '../../src/clients/reply-channel.ts';
import { CurrentConfig } from '../../src/config/current.ts';
import { CredentialScrub } from '../../src/secrets/credential-scrub.ts';
import { CallStopped } from '../../src/upstream/failure.ts';
import { silentLog, TestSite } from '../support/control-plane/site.ts';

const CLIENT = { info: { name: 'test', version: '0' }, capabilities: {}, protocolVersion: '2025-11-25' };

function makeDeps(ended: string[] = []): SessionDeps {
  const of = () => {
    throw new Error('no server is asked here');
  };
  return {
    current: new CurrentConfig(),
    upstreams: { requireUpstream: of, timeRequest: of, endClient: (affinity) => ended.push(affinity) },
    scrub: new CredentialScrub(),
    log: silentLog,
  };
}

function makeCaller(): Caller {
  const profile = makeProfile([]);
  const { key } = makeClientKey(profile);
  const compiled = compileSnapshot(new TestSite().makeSnapshot(1, { profiles: [profile], clientKeys: [key] }));
  return { key, profile: compiled.profilesById.get(profile.id)! };
}

const caller = makeCaller();

function makeSession(): Session {
  return new Session(makeDeps(), caller, CLIENT, 0);
}

function makeSessions(limits: Partial<SessionLimits>, readClock: () => number, ended: string[] = []): Sessions {
  return new Sessions({ idleMs: 10, lifetimeMs: 100, perKey: 5, total: 5, ...limits }, makeDeps(ended), readClock);
}

function makeRunning(stop: TrackedRequest['stop'] = () => undefined): TrackedRequest {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  const text = new ClientText(new CredentialScrub(), caller.profile.profile);
  return { stop, cancel: () => stop('cancelled'), channel: new ReplyChannel(response, 1, false), text, progressToken: undefined };
}

test('T-47: session ids are long, printable and never repeat', () => {
  const ids = Array.from({ length: 1_000 }, () => makeSession().id);
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{32}$/);
});

test('an id that a client uses twice cancels both of its calls and no other', () => {
  const session = makeSession();
  const stopped: string[] = [];
  const untrack = session.track(
    1,
    makeRunning((code) => stopped.push(`first ${code}`)),
  );
  session.track(
    1,
    makeRunning((code) => stopped.push(`second ${code}`)),
  );
  session.track(
    '1',
    makeRunning((code) => stopped.push(`text ${code}`)),
  );
  expect(session.isBusy()).toBe(true);
  session.cancel(1, null);
  expect(stopped).toEqual(['first cancelled', 'second cancelled']);
  untrack();
  session.cancel(1, null);
  expect(stopped).toEqual(['first cancelled', 'second cancelled', 'second cancelled']);
  session.cancel(99, null);
});

test('sessions end when they are idle or old, and not while they are busy', () => {
  let now = 0;
  const ended: string[] = [];
  const sessions = makeSessions({}, () => now, ended);
  const open = () => {
    const session = sessions.open(caller, CLIENT);
    if (!session) throw new Error('no room');
    return session;
  };
  const idle = open();
  const busy = open();
  const used = open();
  const done = busy.track(1, makeRunning());
  now = 11;
  expect(sessions.find(used.id, caller)).toBe(used);
  sessions.sweep();
  expect([idle, busy, used].map(({ id }) => sessions.find(id, caller) !== null)).toEqual([false, true, true]);
  done();
  now = 101;
  sessions.find(busy.id, caller);
  sessions.sweep();
  expect(sessions.count()).toBe(0);
  // whatever servers kept for them goes with them
  expect(ended.toSorted()).toEqual([idle, busy, used].map(({ id }) => `session:${id}`).toSorted());
  sessions.close();
});

test('when every session is busy no further one is opened', () => {
  const sessions = makeSessions({ perKey: 1 }, () => 0);
  sessions.open(caller, CLIENT)?.track(1, makeRunning());
  expect(sessions.open(caller, CLIENT)).toBeNull();
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
  expect(new CallStopped('upstream_timeout').message).toContain('The server did not answer in time.');
});
