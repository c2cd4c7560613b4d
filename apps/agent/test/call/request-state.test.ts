import { expect, test } from 'vitest';

import { compileSnapshot } from '@gatehouse/policy/compile/compile-snapshot';
import { makeProfile, makeClientKey } from '@gatehouse/policy/testing/build';

import { RequestStates, type StateOwner } from '../../src/call/request-state.ts';
import type { CallRequest } from '../../src/call/request.ts';
import { TestSite } from '../support/control-plane/site.ts';

function makeOwner(change: Partial<CallRequest> = {}): StateOwner {
  const profile = makeProfile([]);
  const { key } = makeClientKey(profile);
  const compiled = compileSnapshot(new TestSite().makeSnapshot(1, { profiles: [profile], clientKeys: [key] }));
  const request = { method: 'tools/call', name: 'a', arguments: { n: 1 }, meta: {}, retry: null, ...change } as CallRequest;
  return { caller: { key, profile: compiled.profilesById.get(profile.id)! }, request, serverId: 'one' };
}

test('a state comes back byte for byte, whatever is in it, and cannot be read on its way', () => {
  const states = new RequestStates(() => new Date());
  const owner = makeOwner();
  for (const state of ['', 'plain', '{"a":"\u00e4\u{1f600}"}', '\ud800 half', 'x'.repeat(100_000)]) {
    const sealed = states.seal(owner, state);
    expect(sealed).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(states.open(owner, sealed)).toBe(state);
  }
  expect(Buffer.from(states.seal(owner, 'to be hidden'), 'base64url').toString('latin1')).not.toContain('hidden');
  expect(states.seal(owner, 'same')).not.toBe(states.seal(owner, 'same'));
});

test('T-47: a state is of no use for another key, request or server, nor changed, nor late, nor after a restart', () => {
  let now = new Date('2026-11-21T10:00:00Z');
  const states = new RequestStates(() => now);
  const owner = makeOwner();
  const sealed = states.seal(owner, 'secret');
  const { request } = owner;
  const others: StateOwner[] = [
    { ...owner, serverId: 'two' },
    { ...owner, caller: makeOwner().caller },
    { ...owner, request: { ...request, name: 'b' } as CallRequest },
    { ...owner, request: { ...request, arguments: { n: 2 } } as CallRequest },
    { ...owner, request: { ...request, method: 'prompts/get' } as CallRequest },
  ];
  for (const other of others) expect(states.open(other, sealed)).toBeNull();
  const bytes = Buffer.from(sealed, 'base64url');
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes);
    changed[index]! ^= 1;
    expect(states.open(owner, changed.toString('base64url'))).toBeNull();
  }
  for (const text of ['', 'AAAA', `${sealed}=`, ` ${sealed}`, sealed.slice(0, -2), `${sealed}AA`])
    expect(states.open(owner, text)).toBeNull();
  expect(new RequestStates(() => now).open(owner, sealed)).toBeNull();
  // the order of keys is no difference
  expect(states.open({ ...owner, request: { ...request, arguments: { n: 1 } } as CallRequest }, sealed)).toBe('secret');
  now = new Date('2026-11-21T11:00:00Z');
  expect(states.open(owner, sealed)).toBeNull();
});
