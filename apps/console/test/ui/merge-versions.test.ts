import { expect, test } from 'vitest';

import { compareVersions, readEditConflict, takeVersions, type VersionGroup } from '../../src/ui/form/merge-versions.ts';

interface Form {
  name: string;
  purpose: string;
  user: string;
  reference: string;
}

const GROUPS: readonly VersionGroup<Form>[] = [
  { label: 'Name', names: ['name'], show: ({ name }) => name },
  { label: 'Purpose', names: ['purpose'], show: ({ purpose }) => purpose },
  { label: 'Credential', names: ['user', 'reference'], show: ({ user, reference }) => `${user} ${reference}` },
];
const SEEN: Form = { name: 'Orders', purpose: 'Look up', user: 'gate', reference: 'env:A' };

const compare = (mine: Partial<Form>, theirs: Partial<Form>) =>
  compareVersions(GROUPS, { seen: SEEN, mine: { ...SEEN, ...mine }, theirs: { ...SEEN, ...theirs } });

test('what differs is told by who changed it, and what both changed alike differs no more', () => {
  const versions = compare({ name: 'Orders EU', purpose: 'Search', user: 'me' }, { purpose: 'Search', reference: 'env:B' });
  expect(versions.map(({ group, changedBy, mine, theirs }) => [group.label, changedBy, mine, theirs])).toEqual([
    ['Name', 'me', 'Orders EU', 'Orders'],
    ['Credential', 'both', 'me env:A', 'gate env:B'],
  ]);
  expect(compare({}, { name: 'Theirs' })).toMatchObject([{ changedBy: 'them' }]);
  expect(compare({}, {})).toEqual([]);
});

test('what is taken of the other is taken whole, and nothing else of it', () => {
  const mine = { ...SEEN, name: 'Mine', user: 'me' };
  const theirs = { ...SEEN, name: 'Theirs', user: 'them', reference: 'env:B' };
  expect(takeVersions(mine, theirs, GROUPS.slice(2))).toEqual({ ...mine, user: 'them', reference: 'env:B' });
  expect(takeVersions(mine, theirs, [])).toEqual(mine);
});

test('only a refusal that carries both versions is read as one', () => {
  const conflict = {
    revision: 3,
    changedBy: { id: 'x', name: 'Ada', email: null },
    changedAt: new Date(0),
    present: { name: 'Orders' },
  };
  expect(readEditConflict({ data: { code: 'CONFLICT', editConflict: conflict } })).toEqual({
    ...conflict,
    changedBy: { name: 'Ada' },
  });
  for (const other of [null, undefined, new Error('x'), { data: null }, { data: { editConflict: null } }]) {
    expect(readEditConflict(other)).toBeNull();
  }
});
