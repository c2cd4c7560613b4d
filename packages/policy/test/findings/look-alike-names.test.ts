import { expect, test } from 'vitest';

import { listLookAlikes } from '../../src/findings/look-alike-names.ts';

test.each([
  ['get_order', 'get_0rder'],
  ['get_order', 'getOrder'],
  ['get_order', 'get-order'],
  ['get_order', 'gеt_order'],
  ['list_files', 'Iist_files'],
  ['list_files', '1ist_files'],
  ['get_return', 'get_retum'],
  ['get_order', 'ｇet_order'],
])('T-52: %s and %s are taken for each other', (one, other) => {
  expect(listLookAlikes([one, 'something_else', other])).toEqual(
    new Map([
      [one, [other]],
      [other, [one]],
    ]),
  );
});

test('names of other things are not: numbers, plurals, other words, and the same name twice', () => {
  const names = ['get_order', 'get_orders', 'get_order_2', 'get_order_3', 'set_order', 'delete_order', 'get_order'];
  expect(listLookAlikes(names)).toEqual(new Map());
});
