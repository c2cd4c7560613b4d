import { expect, test } from 'vitest';

import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { filterEntries, listOffered, splitByUse } from '../../src/features/profile/builder/entry-choices.ts';
import { listCollisions, listShownAbove } from '../../src/features/profile/draft/collisions.ts';
import {
  type EntryChoice,
  getKnownEntries,
  findNameProblem,
  type ServerChoices,
  withChange,
  withEntries,
  withName,
} from '../../src/features/profile/draft/draft.ts';
import { filterByGroup } from '../../src/ui/entity/entry-group.ts';

const ORDERS = '0192f0c0-0000-7000-8000-000000000001';
const DOCS = '0192f0c0-0000-7000-8000-000000000002';

function makeChoice(kind: 'prompt' | 'resource' | 'template', name: string, description: string | null = null): EntryChoice {
  const standing = { title: null, description, verdict: 'approved', reviewId: null, decidedAt: null, validUntil: null } as const;
  const common = { name, pin: 'a'.repeat(64), ...standing, risk: null, riskAssumed: false, problem: null, otherTexts: [] };
  switch (kind) {
    case 'prompt':
      return { kind, ...common, definition: { name } };
    case 'resource':
      return { kind, ...common, definition: { uri: name, name } };
    case 'template':
      return { kind, ...common, definition: { uriTemplate: name, name } };
  }
}

const SERVERS: ServerChoices[] = [
  {
    serverId: ORDERS,
    slug: 'orders',
    name: 'Orders',
    missingAt: [],
    entries: [
      makeChoice('prompt', 'summary', 'Sum up an order'),
      makeChoice('resource', 'doc://terms'),
      makeChoice('template', 'order://{id}'),
    ],
  },
  {
    serverId: DOCS,
    slug: 'docs',
    name: 'Docs',
    missingAt: [],
    entries: [makeChoice('prompt', 'Summary'), makeChoice('resource', 'doc://terms')],
  },
];
const KNOWN = getKnownEntries({ draft: null, choices: SERVERS });
const ALL = SERVERS.flatMap(({ serverId, entries }) => entries.map(({ kind, name }) => ({ serverId, kind, name })));

test('selecting everything twice selects it once; dropping one leaves the rest', () => {
  const all = withEntries(withEntries(ProfileDraft.parse({}), ALL, true), ALL, true);
  const ofKind = (draft: ProfileDraft, wanted: string) => draft.entries.filter(({ kind }) => kind === wanted);
  expect(['prompt', 'resource', 'template'].map((kind) => ofKind(all, kind).length)).toEqual([2, 2, 1]);
  const fewer = withEntries(all, [{ serverId: DOCS, kind: 'resource', name: 'doc://terms' }], false);
  expect(ofKind(fewer, 'resource')).toEqual([{ kind: 'resource', serverId: ORDERS, name: 'doc://terms' }]);
  expect(ofKind(fewer, 'prompt')).toEqual(ofKind(all, 'prompt'));
});

test('what is taken out comes back as it was, and only that', () => {
  const refund = { serverId: ORDERS, kind: 'tool', name: 'refund' } as const;
  const other = { serverId: ORDERS, kind: 'tool', name: 'search' } as const;
  const rules = [{ kind: 'pin' as const, argument: '/reason', value: 'fraud' }];
  const chosen = { rename: 'give_back', describe: 'Gives money back.', arguments: rules };
  const before = withChange(withEntries(ProfileDraft.parse({}), [refund, other], true), toServerEntryKey(refund), chosen);
  const without = withEntries(before, [refund, other], false);
  expect(without.entries).toEqual([]);
  const again = withEntries(without, [refund, other], true);
  expect(again.entries).toEqual(before.entries);
  expect(again.setAside).toEqual([]);
});

test('prompts that look alike and equal addresses collide, with both owners', () => {
  const all = withEntries(ProfileDraft.parse({}), ALL, true);
  const collisions = listCollisions(all, KNOWN);
  expect(
    collisions.map(({ kind, name, owners }) => [kind, name, owners.map(({ label, suggestion }) => [label, suggestion])]),
  ).toEqual([
    [
      'prompt',
      'summary',
      [
        ['orders/summary', 'orders__summary'],
        ['docs/Summary', 'docs__Summary'],
      ],
    ],
    [
      'resource',
      'doc://terms',
      [
        ['orders', null],
        ['docs', null],
      ],
    ],
  ]);
  const renamed = withName(all, { serverId: DOCS, kind: 'prompt', name: 'Summary' }, 'docs__Summary');
  expect(listCollisions(renamed, KNOWN).map(({ kind }) => kind)).toEqual(['resource']);
});

test('a name that is edited in its own field is not asked about a second time above it', () => {
  const collisions = listCollisions(withEntries(ProfileDraft.parse({}), ALL, true), KNOWN);
  const edited = new Set([toServerEntryKey({ serverId: DOCS, kind: 'prompt', name: 'Summary' })]);
  expect(listShownAbove(collisions, edited).map(({ kind }) => kind)).toEqual(['resource']);
  expect(listShownAbove(collisions, new Set())).toEqual(collisions);
});

test('what can be selected stands first, and what cannot apart from it', () => {
  const held = { code: 'waits_for_review', text: 'waits for review' } as const;
  const off = SERVERS.map((server, index) => ({
    ...server,
    entries: server.entries.map((entry) => (index === 0 || entry.name === 'Summary' ? { ...entry, problem: held } : entry)),
  }));
  const [first, second] = listOffered(off, 'prompts');
  expect([first?.slug, second?.slug]).toEqual(['orders', 'docs']);
  expect(listOffered(off, 'resources').map(({ slug }) => slug)).toEqual(['docs', 'orders']);
  const [orders] = off;
  if (!orders) throw new Error('no server');
  const key = toServerEntryKey({ serverId: ORDERS, kind: 'prompt', name: 'summary' });
  expect(splitByUse(orders, new Set([key]))).toMatchObject({
    usable: [{ name: 'summary' }],
    unusable: [{ name: 'doc://terms' }, { name: 'order://{id}' }],
  });
});

test('what a server no longer offers stays selected and is marked', () => {
  const gone = { serverId: ORDERS, kind: 'resource', name: 'doc://gone' } as const;
  const joined = {
    ...gone,
    serverSlug: 'orders',
    serverName: 'Orders',
    advertisedName: gone.name,
    pins: [],
    risk: null,
    problem: null,
  };
  const known = getKnownEntries({
    draft: {
      audit: 'durable',
      hiddenText: 'mark',
      argumentForms: 'lenient',
      undeclaredArguments: 'refuse',
      setAside: [],
      updatedAt: new Date(0),
      revision: 1,
      changed: true,
      entries: [joined],
    },
    choices: SERVERS,
  });
  expect(known.get(toServerEntryKey(gone))).toMatchObject({ name: 'doc://gone', server: { slug: 'orders' }, choice: null });
  const draft = withEntries(ProfileDraft.parse({}), [gone], true);
  expect(filterByGroup('resources', draft.entries)).toMatchObject([{ name: 'doc://gone' }]);
  expect(filterByGroup('prompts', draft.entries)).toEqual([]);
});

test('the search looks at names, addresses and descriptions, and keeps to the kinds', () => {
  const found = (text: string, kinds: EntryChoice['kind'][]) =>
    filterEntries(listOffered(SERVERS, kinds.includes('prompt') ? 'prompts' : 'resources'), text, 'any').flatMap(
      ({ slug, entries }) =>
        entries.filter((entry) => kinds.some((kind) => kind === entry.kind)).map(({ name }) => `${slug} ${name}`),
    );
  expect(found('sum up', ['prompt'])).toEqual(['orders summary']);
  expect(found('order://', ['resource', 'template'])).toEqual(['orders order://{id}']);
  expect(found('', ['resource'])).toEqual(['orders doc://terms', 'docs doc://terms']);
});

test('a name is refused with the reason: its length first, then its characters', () => {
  expect(findNameProblem('a'.repeat(64))).toBeNull();
  expect(findNameProblem('a'.repeat(65))).toContain('65');
  expect(findNameProblem('with space')).toContain('A-Z');
});
