import { expect, test } from 'vitest';

import { CHAIN_START, verifyRun } from '../src/receipt-chain.ts';
import { readReceipt, WrittenReceipt } from '../src/receipt.ts';
import { buildReceipts, writeEarlier } from '../src/testing/build-receipts.ts';

const [tool] = buildReceipts(1, { kind: 'tool', name: 'get_order', advertisedName: 'find_order' });
if (!tool) throw new Error('no receipt');

test('a run may change its format, and each receipt has the hash of the form it was written in', () => {
  const earlier = writeEarlier(tool, CHAIN_START);
  const { seq, hash } = earlier;
  const later = writeEarlier(tool, { seq, hash });
  expect(verifyRun(CHAIN_START, [WrittenReceipt.parse(JSON.parse(JSON.stringify(earlier))), later])).toMatchObject({ ok: true });
  const converted = { ...readReceipt(earlier), hash };
  expect(verifyRun(CHAIN_START, [converted])).toMatchObject({ ok: false, code: 'chain_broken' });
});

test.each([
  ['tools/call', 'get_order', 'tool'],
  ['prompts/get', 'summary', 'prompt'],
  ['resources/read', 'orders://terms', 'resource'],
  ['resources/read', 'orders://{id}', 'template'],
  ['tools/call', null, null],
] as const)('a receipt of the earlier format says what it named: %s %s is a %s', (method, name, kind) => {
  const read = readReceipt(writeEarlier({ ...tool, method, name }, CHAIN_START));
  expect(read).toMatchObject({ format: 2, method, kind, name });
  expect(read).not.toHaveProperty('toolName');
});

test('the method is one of MCP or none, and in the earlier format that of a call', () => {
  for (const method of ['tools/list', null] as const) {
    expect(WrittenReceipt.safeParse({ ...tool, method }).success).toBe(true);
    expect(WrittenReceipt.safeParse({ ...writeEarlier(tool, CHAIN_START), method }).success).toBe(false);
  }
  expect(WrittenReceipt.safeParse({ ...tool, method: 'secret/of-the-customer' }).success).toBe(false);
});

test('neither format takes the fields of the other', () => {
  const earlier = writeEarlier(tool, CHAIN_START);
  expect(WrittenReceipt.safeParse({ ...earlier, format: 2 }).success).toBe(false);
  expect(WrittenReceipt.safeParse({ ...tool, toolName: 'get_order' }).success).toBe(false);
});
