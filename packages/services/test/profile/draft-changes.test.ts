import { expect, test } from 'vitest';

import { ProfileDraft, type ProfileSettings, PublishedProfile } from '@gatehouse/policy/documents/profile';

import { isDraftChanged } from '../../src/profile/draft/draft-changes.ts';

const serverId = 'a3a0f0c1-5d5b-4f8b-9a56-0c5f2f8f0001';
const pin = 'a'.repeat(64);
const hide = { kind: 'hide', argument: '/note' } as const;
const restrict = { kind: 'restrict', argument: '/state', values: ['open'] } as const;
const getOrder = { kind: 'tool', serverId, name: 'get_order', arguments: [hide, restrict] };
const handbook = { kind: 'resource', serverId, name: 'docs://handbook' };

const published = PublishedProfile.parse({
  name: 'Support',
  description: '',
  audit: 'durable',
  entries: [
    { ...getOrder, pin, advertisedName: 'get_order' },
    { ...handbook, pin },
  ],
});

/** The draft that was published, unless said otherwise. */
function makeDraft({
  entries = [getOrder, handbook],
  audit = 'durable',
  now = [pin],
  name = 'Support',
  description = '',
  ...settings
}: { entries?: unknown[]; now?: string[]; name?: string; description?: string } & Partial<ProfileSettings> = {}) {
  const parsed = ProfileDraft.parse({ entries, audit, ...settings });
  return {
    ...parsed,
    name,
    description,
    entries: parsed.entries.map((entry) => ({ ...entry, pins: now })),
  };
}

test.each([
  ['the draft that was published', makeDraft()],
  ['the same in another order', makeDraft({ entries: [handbook, { ...getOrder, arguments: [restrict, hide] }] })],
  ['a rename to the name that it has', makeDraft({ entries: [{ ...getOrder, rename: 'get_order' }, handbook] })],
])('%s is no change', (_, same) => {
  expect(isDraftChanged(same, published)).toBe(false);
});

test.each([
  ['an entry more', makeDraft({ entries: [getOrder, handbook, { ...handbook, name: 'docs://rates' }] })],
  ['an entry less', makeDraft({ entries: [getOrder] })],
  ['another entry', makeDraft({ entries: [getOrder, { ...handbook, name: 'docs://rates' }] })],
  ['another name', makeDraft({ entries: [{ ...getOrder, rename: 'order' }, handbook] })],
  ['another description', makeDraft({ entries: [{ ...getOrder, describe: 'Finds an order' }, handbook] })],
  ['another rule', makeDraft({ entries: [{ ...getOrder, rule: 'deny' }, handbook] })],
  ['other argument rules', makeDraft({ entries: [{ ...getOrder, arguments: [hide] }, handbook] })],
  ['another name of the profile', makeDraft({ name: 'Support desk' })],
  ['another description of the profile', makeDraft({ description: 'For the desk' })],
  ['another audit mode', makeDraft({ audit: 'best_effort' })],
  ['another handling of hidden text', makeDraft({ hiddenText: 'strip' })],
  ['another form of arguments', makeDraft({ argumentForms: 'strict' })],
  ['undeclared arguments that are passed on', makeDraft({ undeclaredArguments: 'pass' })],
  ['a definition that has changed since', makeDraft({ now: ['b'.repeat(64)] })],
  ['a second text of it, which another site has', makeDraft({ now: [pin, 'b'.repeat(64)] })],
  ['what is no longer offered', makeDraft({ now: [] })],
])('%s is a change', (_, other) => {
  expect(isDraftChanged(other, published)).toBe(true);
});

test('before the first publish everything is a change', () => {
  expect(isDraftChanged(makeDraft(), undefined)).toBe(true);
});
