import { expect, test } from 'vitest';

import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { mergeDrafts } from '../../src/features/profile/draft/merge-drafts.ts';

const SERVER = '0192f0c0-0000-7000-8000-000000000001';
const makeTool = (name: string, more: object = {}) => ({ kind: 'tool', serverId: SERVER, name, ...more });
const makeDraft = (entries: object[], more: object = {}) => ProfileDraft.parse({ entries, ...more });
const listNames = ({ entries }: ProfileDraft) => entries.map((entry) => ('rename' in entry && entry.rename) || entry.name);

test('what only one of two changed is taken from each', () => {
  const base = makeDraft([makeTool('a'), makeTool('b'), makeTool('c')]);
  const mine = makeDraft([makeTool('a', { rename: 'mine' }), makeTool('b'), makeTool('c'), makeTool('new')]);
  const theirs = makeDraft([makeTool('a'), makeTool('c', { rename: 'theirs' })], { audit: 'best_effort' });
  const { draft, conflicts } = mergeDrafts({ base, mine, theirs });
  expect(conflicts).toEqual([]);
  expect(listNames(draft)).toEqual(['mine', 'theirs', 'new']);
  expect(draft.audit).toBe('best_effort');
});

test('what both changed is named, and stands as the person here says', () => {
  const base = makeDraft([makeTool('a'), makeTool('b')]);
  const mine = makeDraft([makeTool('a', { rename: 'mine', rule: 'deny' })], { hiddenText: 'strip' });
  const theirs = makeDraft([makeTool('a', { rename: 'theirs' }), makeTool('b', { rename: 'kept' })], { hiddenText: 'pass' });
  const merged = mergeDrafts({ base, mine, theirs });
  expect(merged.conflicts.map(({ label, mine: here, theirs: there }) => [label, here, there])).toEqual([
    ['a', 'shown as mine, denied', 'shown as theirs'],
    ['b', null, 'shown as kept'],
    ['Hidden text in answers', 'strip', 'pass'],
  ]);
  expect(listNames(merged.draft)).toEqual(['theirs', 'kept']);
  const taken = new Set(merged.conflicts.map(({ key }) => key));
  const other = mergeDrafts({ base, mine, theirs }, taken);
  expect(listNames(other.draft)).toEqual(['mine']);
  expect(other.draft.hiddenText).toBe('strip');
});

test('nothing that either of them chose is lost: what does not stand is set aside', () => {
  const base = makeDraft([makeTool('a')]);
  const mine = makeDraft([makeTool('a', { rename: 'mine' })]);
  const theirs = makeDraft([]);
  const { draft } = mergeDrafts({ base, mine, theirs });
  expect(draft.entries).toEqual([]);
  expect(draft.setAside).toMatchObject([{ rename: 'mine' }]);
});

test('the same change by both is no conflict', () => {
  const base = makeDraft([makeTool('a')]);
  const same = makeDraft([makeTool('a', { rename: 'x' })]);
  expect(mergeDrafts({ base, mine: same, theirs: same })).toEqual({ draft: same, conflicts: [] });
});
