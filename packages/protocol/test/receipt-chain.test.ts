import { expect, test } from 'vitest';

import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';

import { CHAIN_START, encodeDraft, hashReceipt, sealReceipt, verifyRun, type ReceiptDraft } from '../src/receipt-chain.ts';
import { GENESIS_HASH, Receipt } from '../src/receipt.ts';
import { buildReceipts } from '../src/testing/build-receipts.ts';

const [first, second, third] = buildReceipts(3) as [Receipt, Receipt, Receipt];

test('a run follows its head and moves it', () => {
  expect(verifyRun(CHAIN_START, [first, second, third])).toEqual({ ok: true, head: { seq: 3, hash: third.hash } });
  expect(verifyRun({ seq: 1, hash: first.hash }, [second])).toEqual({ ok: true, head: { seq: 2, hash: second.hash } });
  expect(verifyRun(CHAIN_START, [])).toEqual({ ok: true, head: CHAIN_START });
  expect(first.prevHash).toBe(GENESIS_HASH);
});

test('T-71: a missing, repeated or swapped receipt is a gap', () => {
  for (const [run, seq] of [
    [[first, third], 3],
    [[first, first], 1],
    [[second, first], 2],
  ] as const) {
    expect(verifyRun(CHAIN_START, run)).toEqual({ ok: false, code: 'sequence_gap', seq });
  }
});

test('T-71: a change of any field breaks the chain where it was made', () => {
  const changes: Partial<Receipt>[] = [
    { outcome: 'allowed' },
    { durationMs: 2 },
    { personId: '0197a3d1-5c4e-7000-8000-000000000001' },
    { checks: [] },
    { lostBefore: 1 },
    { hash: GENESIS_HASH },
    { prevHash: GENESIS_HASH },
  ];
  for (const change of changes) {
    expect(verifyRun(CHAIN_START, [first, { ...second, ...change }, third])).toEqual({ ok: false, code: 'chain_broken', seq: 2 });
  }
});

test('T-71: a receipt that was changed and hashed again does not fit the one after it', () => {
  const forged = { ...second, outcome: 'allowed' as const };
  const run = [first, { ...forged, hash: hashReceipt(forged) }, third];
  expect(verifyRun(CHAIN_START, run)).toEqual({ ok: false, code: 'chain_broken', seq: 3 });
});

test('the hash does not depend on the order of keys and survives JSON', () => {
  const shuffled = Object.fromEntries(Object.entries(second).toReversed());
  expect(hashReceipt(Receipt.parse(JSON.parse(JSON.stringify(shuffled))))).toBe(second.hash);
});

test('a draft that is written once and given its place is the canonical JSON of the receipt, whatever stands in it', () => {
  const { spoolId: _spool, lostBefore: _lost, seq: _seq, prevHash: _prev, hash: _hash, ...draft } = second;
  const drafts: ReceiptDraft[] = [
    draft,
    { ...draft, clientName: ',"seq":7,"x":"\u2028\\', name: 'käse 😀', durationMs: 0.1 + 0.2 },
    { ...draft, arguments: { fields: [], logged: [{ pointer: '/a', value: 'x', redacted: false }], bytes: 9, truncated: false } },
  ];
  for (const each of drafts) {
    const { json, seq, hash } = sealReceipt(
      encodeDraft(each),
      { spoolId: first.spoolId, lostBefore: 3 },
      { seq: 41, hash: first.hash },
    );
    const receipt = Receipt.parse(JSON.parse(json));
    expect(receipt).toEqual({ ...each, spoolId: first.spoolId, lostBefore: 3, seq: 42, prevHash: first.hash, hash });
    expect(seq).toBe(42);
    expect(hashReceipt(receipt)).toBe(hash);
    expect(json).toBe(`${toCanonicalJson({ ...receipt, hash: undefined }).slice(0, -1)},"hash":"${hash}"}`);
  }
  expect(() => encodeDraft({ ...draft, durationMs: Number.POSITIVE_INFINITY })).toThrow(TypeError);
});
