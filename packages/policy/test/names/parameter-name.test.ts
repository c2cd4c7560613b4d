import { expect, test } from 'vitest';

import { isMethodOverride, isRival } from '../../src/names/parameter-name.ts';

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

test('T-56: the border of two words is written in many ways and is one name', () => {
  for (const name of ['orderId', 'OrderID', 'orderid', 'order-id', 'order_id[]', 'order__id', 'ORDER ID', 'order%5Fid']) {
    expect(isRival(name, 'order_id'), name).toBe(true);
    expect(isRival('order_id', name), name).toBe(true);
  }
  for (const name of ['order', 'id', 'orders_id', 'order_ids']) expect(isRival(name, 'order_id'), name).toBe(false);
});

test('T-56: what frameworks read as the method of a request is known under every spelling', () => {
  const read = ['_method', '_METHOD', '.method', '%5fmethod', 'method', '_HttpMethod', 'X-HTTP-Method-Override', 'x_http_method'];
  for (const name of [...read, 'X-Method-Override', 'xHttpMethodOverride', '_method[]'])
    expect(isMethodOverride(name), name).toBe(true);
  for (const name of ['methods', 'payment_method', 'filter[_method]', 'override', ''])
    expect(isMethodOverride(name), name).toBe(false);
});
