import { expect, test } from 'vitest';

import { isRival } from '../src/documents/parameter-name.ts';

test.each([
  'status',
  'Status',
  'STATUS',
  'ｓtatus',
  ' status',
  'status ',
  'status\0',
  'status\0x',
  'status%00x',
  '\0status',
  's\0tatus',
  'status[]',
  'status[x]',
  'status.x',
  '[status]',
  '%73tatus',
  '%2573tatus',
  'status%5B%5D',
  'sta%74us%20',
])('T-56: %j is read as "status" by some server', (name) => {
  expect(isRival(name, 'status')).toBe(true);
  expect(isRival('status', name)).toBe(true);
});

test.each(['state', 'status2', 'statuses', 'order_status', 'x[status]', ''])('%j is another name than "status"', (name) => {
  expect(isRival(name, 'status')).toBe(false);
});

test('T-56: what stands inside of a name is rival to it, what stands beside it is not', () => {
  expect(isRival('filter[status]', 'filter')).toBe(true);
  expect(isRival('filter[Status]', 'filter.status')).toBe(true);
  expect(isRival('filter[status]', 'filter_status')).toBe(true);
  expect(isRival('filter[status]', 'filter[date]')).toBe(false);
});
