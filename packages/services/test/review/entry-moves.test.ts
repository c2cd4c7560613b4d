import { expect, test } from 'vitest';

import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { defineTool } from '@gatehouse/policy/testing/build';

import { listMoves } from '../../src/review/entry-moves.ts';

const makeOffer = (name: string, like = name) => ({
  kind: 'tool' as const,
  name,
  definition: { ...defineTool(like), name },
});
const toKeys = (...names: string[]) => new Set(names.map((name) => toEntryKey({ kind: 'tool', name })));

test('two tools that swapped their names are told as that, once', () => {
  const before = [makeOffer('a'), makeOffer('b'), makeOffer('c')];
  const now = [makeOffer('a', 'b'), makeOffer('b', 'a'), makeOffer('c')];
  expect(listMoves(now, before, toKeys('a', 'b', 'c'))).toEqual([{ move: 'swapped', kind: 'tool', name: 'a', other: 'b' }]);
});

test('a new name with the definition of one that is gone is told as that; where the other is still there, it is new', () => {
  expect(listMoves([makeOffer('new', 'a')], [makeOffer('a')], toKeys('a'))).toEqual([
    { move: 'renamed', kind: 'tool', name: 'new', from: 'a' },
  ]);
  expect(listMoves([makeOffer('new', 'a'), makeOffer('a')], [makeOffer('a')], toKeys('a'))).toEqual([]);
});

test('what was gone and is there again is told apart from what is new and from what was never gone', () => {
  const before = [makeOffer('a'), makeOffer('b')];
  expect(listMoves([makeOffer('a'), makeOffer('b'), makeOffer('c')], before, toKeys('a'))).toEqual([
    { move: 'returned', kind: 'tool', name: 'b' },
  ]);
  expect(listMoves([makeOffer('a'), makeOffer('b')], before, null)).toEqual([]);
  // a definition that merely changed has gone nowhere
  expect(listMoves([makeOffer('a', 'x'), makeOffer('b')], before, toKeys('a', 'b'))).toEqual([]);
});
