import { expect, test } from 'vitest';

import { readApart, READING_LIMITS, READING_QUEUE } from '../../src/openapi/read-apart.ts';
import { expectRefused } from '../support/world.ts';

const GOOD = `openapi: 3.1.0\ninfo: { title: Orders, version: '1' }\npaths:\n  /a: { get: { operationId: listOrders, responses: {} } }\n`;
/** A description that takes seconds. */
const SLOW = `a: ${'{a: '.repeat(200_000)}`;

test('a description is read in a thread, with what its tools cost', async () => {
  const read = await readApart(GOOD, 'tenant');
  expect(read).toMatchObject({
    ok: true,
    description: { title: 'Orders', operations: [{ key: 'GET /a', tokens: expect.any(Number), tool: { definition: {} } }] },
  });
});

test('while a description is read, other work of the process goes on', async () => {
  let isRead = false;
  const reading = readApart(GOOD, 'tenant').finally(() => (isRead = true));
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(isRead).toBe(false);
  await expect(reading).resolves.toMatchObject({ ok: true });
});

test('T-57: a description that takes too long or too much memory is refused, and the next one is read', async () => {
  const late = await expectRefused('invalid', readApart(SLOW, 'tenant', { ...READING_LIMITS, timeMs: 1 }));
  expect(late.message).toContain('takes too long to read');
  const numbers = `{"a":[${'0,'.repeat(8_000_000)}0]}`;
  const large = await expectRefused('invalid', readApart(numbers, 'tenant', { ...READING_LIMITS, memoryMb: 16 }));
  expect(large.message).toContain('takes too much memory to read');
  await expect(readApart(GOOD, 'tenant')).resolves.toMatchObject({ ok: true });
});

test('one tenant cannot keep the others from having theirs read', async () => {
  const asked = Array.from({ length: 10 }, () => readApart(SLOW, 'greedy', { ...READING_LIMITS, timeMs: 100 }));
  const other = readApart(GOOD, 'other');
  const refusals = await Promise.allSettled(asked);
  const codes = refusals.map((each) => (each.status === 'rejected' ? String(Reflect.get(Object(each.reason), 'code')) : 'read'));
  expect(codes.filter((code) => code === 'unavailable')).toHaveLength(10 - READING_QUEUE.perOrigin);
  await expect(other).resolves.toMatchObject({ ok: true });
});
