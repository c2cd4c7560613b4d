import { expect, test } from 'vitest';

import { putAside, recallEntry } from '../../src/curation/set-aside.ts';
import { DraftEntry, MAX_SET_ASIDE } from '../../src/documents/profile.ts';

const serverId = 'a3a0f0c1-5d5b-4f8b-9a56-0c5f2f8f0001';
const makeTool = (name: string, more: object = {}) => DraftEntry.parse({ kind: 'tool', serverId, name, ...more });
const pinned = makeTool('refund', {
  rename: 'give_back',
  describe: 'Gives money back.',
  arguments: [{ kind: 'pin', argument: '/reason', value: 'fraud' }],
});

test('what was taken out is remembered with all that was chosen for it, and comes back with it', () => {
  const setAside = putAside([makeTool('search')], [pinned]);
  expect(setAside).toEqual([pinned]);
  expect(recallEntry({ setAside }, { serverId, kind: 'tool', name: 'refund' })).toEqual(pinned);
  expect(putAside([pinned], setAside), 'what is selected is aside no more').toEqual([]);
});

test.each([
  ['a rename', { rename: 'x' }],
  ['a description', { describe: 'x' }],
  ['a rule', { rule: 'deny' }],
  ['a reason', { denyReason: 'x' }],
  ['argument rules', { arguments: [{ kind: 'hide', argument: '/a' }] }],
])('%s is worth remembering', (_, more) => {
  expect(putAside([], [makeTool('refund', more)])).toHaveLength(1);
});

test('what nobody chose anything for is not remembered, and comes back as its server has it', () => {
  const page = DraftEntry.parse({ kind: 'resource', serverId, name: 'docs://a' });
  expect(putAside([], [makeTool('search'), page, DraftEntry.parse({ kind: 'prompt', serverId, name: 'sum' })])).toEqual([]);
  expect(recallEntry({ setAside: [] }, { serverId, kind: 'tool', name: 'refund' })).toEqual(makeTool('refund'));
});

test('of two versions of one entry the first counts, and the newest are kept', () => {
  const older = makeTool('refund', { rename: 'older' });
  expect(putAside([], [pinned], [older])).toEqual([pinned]);
  const many = Array.from({ length: MAX_SET_ASIDE + 5 }, (_, index) => makeTool(`t${index}`, { rename: `r${index}` }));
  expect(putAside([], [pinned], many)).toHaveLength(MAX_SET_ASIDE);
  expect(putAside([], [pinned], many)[0]).toEqual(pinned);
});

test('an entry that was taken out as its server has it does not get back what was chosen for it earlier', () => {
  expect(putAside([], [makeTool('refund')], [pinned])).toEqual([]);
});
