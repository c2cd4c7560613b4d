import { expect, test } from 'vitest';

import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { listOpened, splitByUse, toKnown } from '../../src/features/profile/builder/entry-choices.ts';
import { listCollisions, listShownAbove } from '../../src/features/profile/draft/collisions.ts';
import {
  findNameProblem,
  getSelectedEntries,
  type ListedChoice,
  type ServerOffer,
  toKnownRow,
  withChange,
  withEntries,
  withName,
} from '../../src/features/profile/draft/draft.ts';
import { filterByGroup } from '../../src/ui/entity/entry-group.ts';

const ORDERS = '0192f0c0-0000-7000-8000-000000000001';
const DOCS = '0192f0c0-0000-7000-8000-000000000002';

function makeChoice(kind: 'prompt' | 'resource' | 'template', name: string): ListedChoice {
  return { kind, name, title: null, description: null, risk: null, problem: null };
}

function makeOffer(serverId: string, slug: string, name: string, matching = 3): ServerOffer {
  return { serverId, slug, name, missingAt: [], offered: matching, usable: matching, matching };
}

const SERVERS = [
  {
    offer: makeOffer(ORDERS, 'orders', 'Orders'),
    choices: [makeChoice('prompt', 'summary'), makeChoice('resource', 'doc://terms'), makeChoice('template', 'order://{id}')],
  },
  { offer: makeOffer(DOCS, 'docs', 'Docs'), choices: [makeChoice('prompt', 'Summary'), makeChoice('resource', 'doc://terms')] },
];
const KNOWN = new Map(SERVERS.flatMap(({ offer, choices }) => choices.map((choice) => toKnownRow(toKnown(offer, choice)))));
const ALL = SERVERS.flatMap(({ offer: { serverId }, choices }) => choices.map(({ kind, name }) => ({ serverId, kind, name })));

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

test('what is not known yet is of another server than its rival, and each still has a name to go to', () => {
  const all = withEntries(ProfileDraft.parse({}), ALL, true);
  const [prompt, address] = listCollisions(all, new Map());
  expect(prompt?.owners.map(({ suggestion }) => suggestion)).toEqual([expect.any(String), expect.any(String)]);
  expect(address?.owners.map(({ label }) => label)).toEqual([ORDERS, DOCS]);
});

test('what cannot be selected stands apart from what can be, or is', () => {
  const held = { code: 'waits_for_review', text: 'waits for review' } as const;
  const [orders] = SERVERS;
  if (!orders) throw new Error('no server');
  const [draft] = withEntries(ProfileDraft.parse({}), [{ serverId: ORDERS, kind: 'prompt', name: 'summary' }], true).entries;
  if (!draft) throw new Error('nothing is selected');
  const choices = orders.choices.map((choice) => ({ ...choice, problem: held }));
  expect(splitByUse(orders.offer, choices, new Map([[toServerEntryKey(draft), draft]]))).toMatchObject({
    usable: [{ name: 'summary' }],
    unusable: [{ name: 'doc://terms' }, { name: 'order://{id}' }],
  });
});

test('a filter opens what is read at a glance, and the first server whatever it finds there', () => {
  const offers = [300, 1, 1].map((matching, index) => makeOffer(`${index}`, 'a', 'A', matching));
  expect([...listOpened(offers)]).toEqual(['0']);
  expect([...listOpened(offers.slice(1))]).toEqual(['1', '2']);
  const many = Array.from({ length: 40 }, (_, index) => makeOffer(`${index}`, 'a', 'A', 2));
  expect(listOpened(many).size).toBe(30);
});

test('what a server no longer offers stays selected and is marked', () => {
  const gone = { serverId: ORDERS, kind: 'resource', name: 'doc://gone' } as const;
  const problem = { code: 'not_offered', text: 'its server no longer offers it' } as const;
  const names = { serverSlug: 'orders', serverName: 'Orders', advertisedName: gone.name };
  const [known] = getSelectedEntries({ entries: [{ ...gone, ...names, pins: [], risk: null, problem }] });
  expect(known).toMatchObject({ name: 'doc://gone', server: { slug: 'orders' }, problem });
  const draft = withEntries(ProfileDraft.parse({}), [gone], true);
  expect(filterByGroup('resources', draft.entries)).toMatchObject([{ name: 'doc://gone' }]);
  expect(filterByGroup('prompts', draft.entries)).toEqual([]);
});

test('a name is refused with the reason: its length first, then its characters', () => {
  expect(findNameProblem('a'.repeat(64))).toBeNull();
  expect(findNameProblem('a'.repeat(65))).toContain('65');
  expect(findNameProblem('with space')).toContain('A-Z');
});
