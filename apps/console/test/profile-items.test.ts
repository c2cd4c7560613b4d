import { ProfileDraft } from '@gatehouse/policy/documents/profile';
import { expect, test } from 'vitest';

import { nameProblem, type ServerChoices, withEntries } from '../src/features/profile/draft.ts';
import { filterEntries, offeredOf } from '../src/features/profile/entry-choices.ts';
import {
  itemCollisions,
  type ItemChoice,
  type ItemServer,
  selectedItems,
  withPromptName,
} from '../src/features/profile/items.ts';

const ORDERS = '0192f0c0-0000-7000-8000-000000000001';
const DOCS = '0192f0c0-0000-7000-8000-000000000002';

function item(kind: 'prompt' | 'resource' | 'template', name: string, description: string | null = null): ItemChoice {
  const standing = { title: null, description, verdict: 'approved', reviewId: null, decidedAt: null, validUntil: null } as const;
  const common = { name, pin: 'a'.repeat(64), ...standing, problem: null };
  switch (kind) {
    case 'prompt':
      return { kind, ...common, definition: { name } };
    case 'resource':
      return { kind, ...common, definition: { uri: name, name } };
    case 'template':
      return { kind, ...common, definition: { uriTemplate: name, name } };
  }
}

const SERVERS: ItemServer[] = [
  {
    serverId: ORDERS,
    slug: 'orders',
    name: 'Orders',
    items: [item('prompt', 'summary', 'Sum up an order'), item('resource', 'doc://terms'), item('template', 'order://{id}')],
  },
  { serverId: DOCS, slug: 'docs', name: 'Docs', items: [item('prompt', 'Summary'), item('resource', 'doc://terms')] },
];
const ALL = SERVERS.flatMap(({ serverId, items }) => items.map(({ kind, name }) => ({ serverId, kind, name })));

test('selecting everything twice selects it once; dropping one leaves the rest', () => {
  const all = withEntries(withEntries(ProfileDraft.parse({}), ALL, true), ALL, true);
  const ofKind = (draft: ProfileDraft, wanted: string) => draft.entries.filter(({ kind }) => kind === wanted);
  expect(['prompt', 'resource', 'template'].map((kind) => ofKind(all, kind).length)).toEqual([2, 2, 1]);
  const fewer = withEntries(all, [{ serverId: DOCS, kind: 'resource', name: 'doc://terms' }], false);
  expect(ofKind(fewer, 'resource')).toEqual([{ kind: 'resource', serverId: ORDERS, name: 'doc://terms' }]);
  expect(ofKind(fewer, 'prompt')).toEqual(ofKind(all, 'prompt'));
});

test('prompts that look alike and equal addresses collide, with both owners', () => {
  const all = withEntries(ProfileDraft.parse({}), ALL, true);
  const collisions = itemCollisions(all, SERVERS);
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
  const renamed = withPromptName(all, { serverId: DOCS, kind: 'prompt', name: 'Summary' }, 'docs__Summary');
  expect(itemCollisions(renamed, SERVERS).map(({ kind }) => kind)).toEqual(['resource']);
});

test('what a server no longer offers stays selected and is marked', () => {
  const draft = withEntries(ProfileDraft.parse({}), [{ serverId: ORDERS, kind: 'resource', name: 'doc://gone' }], true);
  expect(selectedItems(draft, SERVERS, ['resource', 'template'])).toMatchObject([
    { name: 'doc://gone', serverSlug: 'orders', choice: null },
  ]);
  expect(selectedItems(draft, SERVERS, ['prompt'])).toEqual([]);
});

test('the search looks at names, addresses and descriptions, and keeps to the kinds', () => {
  const offered = SERVERS.map(({ items, ...server }): ServerChoices => ({ ...server, missingAt: [], entries: [...items] }));
  const found = (text: string, kinds: ItemChoice['kind'][]) =>
    filterEntries(offeredOf(offered, kinds.includes('prompt') ? 'prompts' : 'resources'), text, 'any').flatMap(
      ({ slug, entries }) =>
        entries.filter((entry) => kinds.some((kind) => kind === entry.kind)).map(({ name }) => `${slug} ${name}`),
    );
  expect(found('sum up', ['prompt'])).toEqual(['orders summary']);
  expect(found('order://', ['resource', 'template'])).toEqual(['orders order://{id}']);
  expect(found('', ['resource'])).toEqual(['orders doc://terms', 'docs doc://terms']);
});

test('a name is refused with the reason: its length first, then its characters', () => {
  expect(nameProblem('a'.repeat(64))).toBeNull();
  expect(nameProblem('a'.repeat(65))).toContain('65');
  expect(nameProblem('with space')).toContain('A-Z');
});
