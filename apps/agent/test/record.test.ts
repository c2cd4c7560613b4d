import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { Receipt } from '@gatehouse/protocol/receipt';
import { encodeDraft } from '@gatehouse/protocol/receipt-chain';

import { chainReceipt, startStream } from '../src/audit/receipt-draft.ts';
import { recordCall, recordCrashed, type RecordContext } from '../src/audit/record.ts';
import { LiveRedactor } from '../src/audit/redaction/live-redactor.ts';
import { makeFacts, makeRecord } from './support/clients/calls.ts';

function makeContext(change: Partial<RecordContext> = {}): RecordContext {
  const siteKey = { id: 'k1', key: createSecretKey(randomBytes(32)) };
  return { siteId: randomUUID(), siteKey, redactor: new LiveRedactor(), detail: 'marked', canSend: () => true, ...change };
}

const schema = {
  type: 'object',
  properties: {
    order_id: { type: 'string' },
    note: { type: 'string' },
    customer: { type: 'object', properties: { name: { type: 'string' } } },
  },
};
const value = { order_id: 'A-8841', note: 'call me at the office', customer: { name: 'Ida' }, surprise: 'undeclared-value' };

test('shapes and fingerprints leave, of values only the marked ones', () => {
  const record = makeRecord({
    arguments: { value, schema, marked: ['/order_id'] },
    result: { value: { content: [{ type: 'text', text: 'shipped to Ida' }] }, schema: null, marked: [] },
  });
  const draft = recordCall(makeContext(), record);
  expect(draft.arguments?.logged).toEqual([{ pointer: '/order_id', value: 'A-8841', redacted: false }]);
  expect(draft.arguments?.fields.map((field) => field.pointer)).toContain('/customer/name');
  expect(draft.result).toMatchObject({ isError: false, content: [{ type: 'text', size: 14 }] });
  expect(draft.checks.at(-1)).toEqual({ check: 'redaction', result: 'pass' });
  const text = JSON.stringify(draft);
  for (const secret of ['call me', 'Ida', 'undeclared-value', 'surprise', 'shipped']) expect(text).not.toContain(secret);
});

test('changed arguments are named to a hub that reads them, and to no other', () => {
  const changedArguments = { named: [{ path: '/limit', rule: 'text_read' as const }] };
  const check = { check: 'arguments' as const, result: 'pass' as const };
  const record = makeRecord({ checks: [{ ...check, changedArguments }] });
  expect(recordCall(makeContext(), record).checks[0]).toEqual({ ...check, changedArguments });
  const canSend = (feature: string) => feature !== 'changed-arguments';
  expect(recordCall(makeContext({ canSend }), record).checks[0]).toEqual(check);
});

test('the age of a list and what was hidden are named to a hub that reads them, and to no other', () => {
  const hiddenText = { handling: 'mark' as const, places: 2, rules: ['tags' as const] };
  const check = { check: 'response' as const, result: 'pass' as const };
  const record = makeRecord({ checks: [{ ...check, listedMsAgo: 812, hiddenText }] });
  expect(recordCall(makeContext(), record).checks[0]).toEqual({ ...check, listedMsAgo: 812, hiddenText });
  const canSend = (feature: string) => feature === 'hidden-text';
  expect(recordCall(makeContext({ canSend }), record).checks[0]).toEqual({ ...check, hiddenText });
  expect(recordCall(makeContext({ canSend: () => false }), record).checks[0]).toEqual(check);
});

test('a hub that does not know that an agent can be busy reads the code that is next to it', () => {
  const record = makeRecord({ outcome: 'denied', reasonCode: 'busy' });
  expect(recordCall(makeContext(), record).reasonCode).toBe('busy');
  expect(recordCall(makeContext({ canSend: () => false }), record).reasonCode).toBe('request_too_large');
});

test('T-22: with detail "shape" no value leaves, whatever was marked', () => {
  const record = makeRecord({ arguments: { value, schema, marked: ['/order_id', '/note'] } });
  const draft = recordCall(makeContext({ detail: 'shape' }), record);
  expect(draft.arguments?.logged).toEqual([]);
  expect(JSON.stringify(draft)).not.toContain('8841');
  expect(draft.arguments?.fields.length).toBeGreaterThan(3);
});

test('a marked value is scrubbed of every secret the agent has resolved, also one resolved later', () => {
  const context = makeContext();
  const record = makeRecord({ arguments: { value: { note: 'key is hunter2-hunter2-hunter2' }, schema, marked: ['/note'] } });
  expect(JSON.stringify(recordCall(context, record))).toContain('hunter2');
  context.redactor.addSecret('hunter2-hunter2-hunter2');
  const draft = recordCall(context, record);
  expect(draft.arguments?.logged[0]).toMatchObject({ redacted: true });
  expect(JSON.stringify(draft)).not.toContain('hunter2');
});

test('a value that cannot be recorded is dropped, the receipt says so and stays', () => {
  const endless: Record<string, unknown> = {};
  endless['order_id'] = endless;
  const draft = recordCall(makeContext(), makeRecord({ arguments: { value: endless, schema, marked: ['/order_id'] } }));
  expect(draft.arguments).toBeNull();
  expect(draft.checks.at(-1)).toEqual({ check: 'redaction', result: 'fail', code: 'internal' });
});

test('a tool that is none leaves as a fingerprint, names of clients scrubbed and cut', () => {
  const context = makeContext();
  context.redactor.addSecret('token-9911-token-9911');
  const long = 'x'.repeat(500);
  const record = makeRecord({
    name: null,
    unknownName: 'drop_all_tables',
    clientName: `token-9911-token-9911 ${long}`,
    clientVersion: long,
  });
  const draft = recordCall(context, record);
  expect(draft.nameFingerprint).toMatch(/^[0-9a-f]{32}$/);
  expect(draft.nameFingerprint).toBe(recordCall(context, record).nameFingerprint);
  expect(draft.nameFingerprint).not.toBe(recordCall(makeContext(), record).nameFingerprint);
  expect(JSON.stringify(draft)).not.toMatch(/drop_all_tables|token-9911/);
  expect(draft.clientName?.length).toBeLessThanOrEqual(120);
  const odd = recordCall(context, makeRecord({ clientName: 'a\0b\uD800c' }));
  expect(odd.clientName).toBe('ab\uFFFDc');
  const cut = recordCall(context, makeRecord({ clientName: `${'x'.repeat(119)}😀` }));
  expect(cut.clientName).toBe(`${'x'.repeat(119)}\uFFFD`);
});

test('T-28: no name that a client or a server chooses gets into a receipt with personal data or a credential in it', () => {
  const planted = ['jane.roe@corp.fi', `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`];
  for (const text of planted) {
    const keyed = { note: text, [text]: text, customer: { name: text, [text]: { [text]: text } } };
    const block = { type: text, mimeType: text, uri: text, text, _meta: { [text]: text } };
    const content = [block, { type: 'resource', resource: block }, text];
    const record = makeRecord({
      name: null,
      unknownName: text,
      clientName: `Desk of ${text}`,
      clientVersion: text,
      protocolVersion: text,
      arguments: { value: keyed, schema, marked: ['/note', '/customer/name', `/${text}`] },
      result: { value: { content, structuredContent: keyed, _meta: keyed, [text]: text }, schema, marked: ['/note'] },
    });
    const drafts = [recordCall(makeContext(), record), recordCrashed(makeContext(), record)];
    expect(JSON.stringify(drafts)).not.toContain(text);
    expect(drafts[0]?.arguments?.logged.map(({ value }) => value)).toEqual([
      expect.stringMatching(/^\[redacted:/),
      expect.stringMatching(/^\[redacted:/),
    ]);
  }
});

test('of a prompt and a resource the shape of the content leaves, of an address behind a template only a fingerprint', () => {
  const context = makeContext();
  const message = { role: 'user', content: { type: 'text', text: 'about Ida' } };
  const prompt = recordCall(
    context,
    makeRecord({ method: 'prompts/get', result: { value: { messages: [message, message] }, schema: null, marked: [] } }),
  );
  expect(prompt).toMatchObject({ method: 'prompts/get', result: { content: [{ type: 'text', size: 9 }, { size: 9 }] } });

  const uri = 'memo://ida/private';
  const uriSchema = { type: 'object', properties: { uri: { type: 'string' } } };
  const contents = [
    { uri, mimeType: 'text/plain', text: 'about Ida' },
    { uri, blob: 'AAAA' },
  ];
  const resource = recordCall(
    context,
    makeRecord({
      method: 'resources/read',
      name: 'memo://{who}/{what}',
      advertisedName: 'memo://{who}/{what}',
      arguments: { value: { uri }, schema: uriSchema, marked: [] },
      result: { value: { contents }, schema: null, marked: [] },
    }),
  );
  expect(resource).toMatchObject({
    method: 'resources/read',
    name: 'memo://{who}/{what}',
    arguments: { fields: [{ pointer: '/uri', type: 'string', size: uri.length, fingerprint: expect.any(String) }] },
    result: {
      content: [
        { type: 'resource', size: 9, mimeType: 'text/plain' },
        { type: 'resource', size: 4 },
      ],
    },
  });
  expect(JSON.stringify([prompt, resource])).not.toMatch(/Ida|ida\/private|AAAA/);
});

test('every draft becomes a receipt of the wire, also one after a crash', () => {
  const context = makeContext();
  const head = startStream(randomUUID());
  const crashed = recordCrashed(context, makeFacts());
  expect(crashed).toMatchObject({ outcome: 'failed', reasonCode: 'unknown_after_crash' });
  for (const draft of [crashed, recordCall(context, makeRecord({ durationMs: -3, upstreamMs: -1 }))]) {
    const { json, next } = chainReceipt(head, encodeDraft(draft), 0);
    const receipt = Receipt.parse(JSON.parse(json));
    expect(receipt).toMatchObject({ ...draft, seq: 1, hash: next.headHash });
    expect(JSON.parse(json)).toEqual(receipt);
  }
});
