import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { decodeAgentFrame, decodeHubFrame, encode, MAX_DEPTH } from '../src/codec.ts';
import { isDeeperThan } from '../src/json-depth.ts';
import { MAX_AGENT_FRAME_BYTES, type AgentMessage, type SentByAgent } from '../src/messages.ts';
import { MAX_REQUESTED_PARTS, PART_CHUNK_BYTES } from '../src/parts.ts';
import { buildReceipts } from '../src/testing/build-receipts.ts';

const makeFrame = (data: string) => ({ data: Buffer.from(data), isBinary: false });

const heartbeat: AgentMessage = {
  type: 'heartbeat',
  clock: '2026-11-21T10:00:00.000Z',
  bufferedReceipts: 0,
  openSessions: 2,
  endpointUrl: 'http://127.0.0.1:7300',
  stdioEntries: ['files'],
  servers: [],
};

test('a message comes back as it was encoded', () => {
  const receipts = buildReceipts(2);
  const batch: AgentMessage = { type: 'audit-batch', spoolId: receipts[0]!.spoolId, receipts };
  for (const message of [heartbeat, batch]) expect(decodeAgentFrame(makeFrame(encode(message)))).toEqual({ ok: true, message });
});

test('a manifest is pushed, its parts are asked for and sent, each message within its bounds', () => {
  const nonce = 'n'.repeat(24);
  const hash = 'a'.repeat(64);
  const request: AgentMessage = { type: 'part-request', nonce, hashes: [hash] };
  expect(decodeAgentFrame(makeFrame(encode(request)))).toEqual({ ok: true, message: request });
  const surplus = { ...request, hashes: Array.from({ length: MAX_REQUESTED_PARTS + 1 }, () => hash) };
  expect(decodeAgentFrame(makeFrame(encode(surplus)))).toMatchObject({ ok: false, answer: { code: 'malformed' } });

  const part = { type: 'part', nonce, hash, index: 0, of: 1, data: Buffer.alloc(PART_CHUNK_BYTES).toString('base64') } as const;
  expect(decodeHubFrame(makeFrame(encode(part)))).toEqual({ ok: true, message: part });
  const larger = { ...part, data: Buffer.alloc(PART_CHUNK_BYTES + 3).toString('base64') };
  expect(decodeHubFrame(makeFrame(encode(larger)))).toMatchObject({ ok: false, answer: { of: 'part', code: 'malformed' } });
});

test('what an agent may leave out of a discovery and of a report on a server is filled in', () => {
  const result: SentByAgent = {
    type: 'discovery-result',
    discoveryId: randomUUID(),
    outcome: {
      status: 'succeeded',
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'a', version: '1' },
      entries: [],
    },
  };
  expect(decodeAgentFrame(makeFrame(encode(result)))).toMatchObject({
    ok: true,
    message: { outcome: { features: { logging: false, completions: false, resourceSubscriptions: false } } },
  });
  const servers = [{ serverId: randomUUID(), state: 'connected' as const, error: null, at: null }];
  expect(decodeAgentFrame(makeFrame(encode({ ...heartbeat, servers })))).toMatchObject({
    ok: true,
    message: { servers: [{ retryAt: null, protocolVersion: null, connections: 0 }] },
  });
});

function encodeReceiptOf(method: unknown): string {
  const [receipt] = buildReceipts(1);
  return JSON.stringify({ type: 'audit-batch', spoolId: receipt?.spoolId, receipts: [{ ...receipt, method }] });
}

test.each(['notifications/initialized', 'tools/run', undefined])('a receipt of %s is none', (method) => {
  const decoded = decodeAgentFrame(makeFrame(encodeReceiptOf(method)));
  expect(decoded).toMatchObject({ ok: false, answer: { of: 'audit-batch', code: 'malformed' } });
});

test.each(['tools/list', 'completion/complete', null])('a receipt of a refused request may say %s', (method) => {
  expect(decodeAgentFrame(makeFrame(encodeReceiptOf(method)))).toMatchObject({ ok: true, message: { receipts: [{ method }] } });
});

test('T-07: a frame over the limit is refused before it is read', () => {
  const frame = { data: Buffer.alloc(MAX_AGENT_FRAME_BYTES + 1, '['), isBinary: false };
  expect(decodeAgentFrame(frame)).toMatchObject({ ok: false, answer: { code: 'too_large', of: null } });
});

test('T-07: what is not one JSON text is refused', () => {
  const frames = [
    { data: Buffer.from(encode(heartbeat)), isBinary: true },
    { data: Buffer.from([0x22, 0xff, 0x22]), isBinary: false },
    makeFrame(''),
    makeFrame('{'),
    makeFrame(`\uFEFF${encode(heartbeat)}`),
    makeFrame(`${encode(heartbeat)}${encode(heartbeat)}`),
  ];
  for (const frame of frames)
    expect(decodeAgentFrame(frame)).toMatchObject({ ok: false, answer: { type: 'rejected', of: null, code: 'malformed' } });
});

test('T-07: an object with a key that copies lose is refused, however the key is written', () => {
  for (const key of ['__proto__', '\\u005f_proto__', '__pr\\u006fto__'])
    expect(decodeAgentFrame(makeFrame(`{"type":"heartbeat","x":[{"${key}":{"polluted":true}}]}`))).toMatchObject({
      ok: false,
      answer: { code: 'malformed', of: null },
    });
  const named = { ...heartbeat, stdioEntries: ['__proto__'] };
  expect(decodeAgentFrame(makeFrame(encode(named)))).toEqual({ ok: true, message: named });
});

test('T-07: nesting is bounded before the document is built', () => {
  const nested = (depth: number) => `{"type":"discovery-result","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  expect(decodeAgentFrame(makeFrame(nested(MAX_DEPTH)))).toMatchObject({ ok: false, answer: { of: null } });
  expect(decodeAgentFrame(makeFrame(nested(MAX_DEPTH - 1)))).toMatchObject({ ok: false, answer: { of: 'discovery-result' } });
  expect(decodeAgentFrame(makeFrame('['.repeat(1_000_000)))).toMatchObject({ ok: false, answer: { code: 'malformed' } });
});

test('brackets inside strings are not nesting, whatever is escaped', () => {
  expect(isDeeperThan(JSON.stringify({ a: '[[[[\\"[[[', b: '\\' }), 1)).toBe(false);
  expect(isDeeperThan(JSON.stringify(['\\\\"', [[]]]), 2)).toBe(true);
  expect(isDeeperThan('"[[[[', 1)).toBe(false);
});

test('T-07: wrong shapes are answered with their type and the place that is wrong', () => {
  const wrong: [unknown, string | null][] = [
    [null, null],
    [[], null],
    [{}, null],
    [{ type: 5 }, null],
    [{ type: 'welcome' }, 'welcome'],
    [{ ...heartbeat, tenantId: randomUUID() }, 'heartbeat'],
    [{ ...heartbeat, bufferedReceipts: -1 }, 'heartbeat'],
    [{ ...heartbeat, clock: 'yesterday' }, 'heartbeat'],
    [{ type: 'audit-batch', spoolId: randomUUID(), receipts: [] }, 'audit-batch'],
    [{ type: 'audit-batch', spoolId: randomUUID(), receipts: [{ ...buildReceipts(1)[0], note: 'free text' }] }, 'audit-batch'],
  ];
  for (const [value, of] of wrong)
    expect(decodeAgentFrame(makeFrame(JSON.stringify(value)))).toMatchObject({ ok: false, answer: { code: 'malformed', of } });

  const decoded = decodeAgentFrame(makeFrame(JSON.stringify({ ...heartbeat, openSessions: 'many' })));
  expect(decoded).toMatchObject({ answer: { message: expect.stringContaining('openSessions') } });
});

test('T-07: an answer stays inside its own bounds', () => {
  const decoded = decodeAgentFrame(makeFrame(JSON.stringify({ type: 'x'.repeat(10_000), ['k'.repeat(10_000)]: 1 })));
  const answer = decoded.ok ? null : decoded.answer;
  expect(answer?.of).toHaveLength(40);
  expect(answer?.message.length).toBeLessThanOrEqual(500);
  expect(decodeHubFrame(makeFrame(JSON.stringify(answer)))).toEqual({ ok: true, message: answer });
});

test('each side reads only what the other may say', () => {
  expect(decodeHubFrame(makeFrame(encode(heartbeat)))).toMatchObject({ ok: false, answer: { of: 'heartbeat' } });
  expect(decodeHubFrame(makeFrame(encode({ type: 'drain', reconnectWithinMs: 5_000 })))).toMatchObject({ ok: true });
});
