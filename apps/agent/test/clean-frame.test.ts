import { expect, test } from 'vitest';
import * as z from 'zod';

import { AgentMessage } from '@gatehouse/protocol/messages';
import { buildReceipts } from '@gatehouse/protocol/testing/build-receipts';

import { CleanFrame, type ToCleanJson } from '../src/link/clean-frame.ts';
import { CredentialScrub } from '../src/secrets/credential-scrub.ts';

const SECRET = 'sk-live_51H/x+Qz&7pR';
const FORMS = [
  SECRET,
  SECRET.toUpperCase(),
  JSON.stringify(SECRET).slice(1, -1).replaceAll('&', '\\u0026'),
  Buffer.from(SECRET).toString('base64'),
  Buffer.from(SECRET).toString('hex'),
  encodeURIComponent(SECRET),
  Array.from(SECRET, (letter) => `&#${letter.charCodeAt(0)};`).join(''),
  Array.from(SECRET).join('\u200B'),
];
function createWriter(secret: string): ToCleanJson {
  const scrub = new CredentialScrub();
  scrub.add(secret);
  return (value) => scrub.toJson(value);
}
const toCleanJson = createWriter(SECRET);

/** The value with `text` in the place of one of its texts, for each of them. */
function* replaceEachText(value: unknown, text: string): Generator<unknown> {
  if (typeof value === 'string') yield text;
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) for (const changed of replaceEachText(item, text)) yield value.with(at, changed);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value))
      for (const changed of replaceEachText(item, text)) yield { ...value, [key]: changed };
  }
}

/** Every name that a schema gives to a field. */
function listFields(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema && typeof schema.properties === 'object' ? Object.keys(schema.properties ?? {}) : [];
  return [...own, ...Object.values(schema).flatMap(listFields)];
}

function listKeys(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...listKeys(item)]);
}

const id = '00000000-0000-4000-8000-000000000001';
const at = '2026-11-28T12:00:00.000Z';
const hash = 'a'.repeat(64);
const nonce = 'n'.repeat(22);
const described = { name: 'a', title: 'b', description: 'c' };
const hints = { title: 'd', readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
const schemas = { inputSchema: { type: 'object', properties: { e: { description: 'f' } } }, outputSchema: { title: 'g' } };
const entries = [
  { kind: 'tool', definition: { ...described, ...schemas, annotations: hints } },
  { kind: 'prompt', definition: { ...described, arguments: [{ name: 'h', description: 'i', required: true }] } },
  { kind: 'resource', definition: { ...described, uri: 'file:///j', mimeType: 'text/plain' } },
  { kind: 'template', definition: { ...described, uriTemplate: 'file:///{k}', mimeType: 'text/plain' } },
  { kind: 'instructions', definition: { text: 'l' } },
];
const offer = {
  protocolVersion: 'm',
  serverInfo: { name: 'n', version: 'o', title: 'p' },
  features: { completions: true, logging: true, resourceSubscriptions: true },
  entries,
};
const found = { status: 'succeeded', ...offer };
const health = { serverId: id, state: 'unreachable', error: 'q', at, retryAt: at, protocolVersion: 'r', connections: 1 };
const signature = Buffer.alloc(64, 7).toString('base64');
const envelope = { payloadType: 'application/vnd.gatehouse.revocation+json', payload: 'e30=', keyId: id, signature };
const discovery = { type: 'discovery-result', discoveryId: id };
/** Of every message one with all its fields: a field that is added to a message is missed here until it is added as well. */
const SAMPLES: Record<Exclude<AgentMessage['type'], 'audit-batch'>, object[]> = {
  authenticate: [
    {
      type: 'authenticate',
      protocol: 1,
      agentId: id,
      epoch: 1,
      audience: 'hub:1',
      clock: at,
      features: ['parts'],
      signature,
      agentVersion: 's',
      hostname: 't',
      platform: 'u',
    },
  ],
  'config-status': [
    {
      type: 'config-status',
      nonce,
      status: 'rejected',
      appliedVersion: 1,
      appliedHash: hash,
      rejectedVersion: 2,
      error: { code: 'guardrail', message: 'v' },
      withheld: [{ kind: 'server', id, code: 'guardrail', message: 'w' }],
      manifest: { ...envelope, payloadType: 'application/vnd.gatehouse.manifest+json' },
    },
  ],
  'part-request': [{ type: 'part-request', nonce, hashes: [hash] }],
  'discovery-progress': [{ type: 'discovery-progress', discoveryId: id, stage: 'list', status: 'passed', at, detail: 'x' }],
  'discovery-result': [
    { ...discovery, outcome: { status: 'failed', code: 'timeout', message: 'y' } },
    { ...discovery, outcome: found },
  ],
  'definitions-observed': [{ type: 'definitions-observed', serverId: id, offer }],
  heartbeat: [
    {
      type: 'heartbeat',
      clock: at,
      bufferedReceipts: 0,
      openSessions: 0,
      endpointUrl: 'http://localhost:8377',
      stdioEntries: ['z'],
      servers: [health],
    },
  ],
  'keyset-status': [{ type: 'keyset-status', keyset: envelope }],
  'revocations-status': [{ type: 'revocations-status', count: 1, root: hash }],
  'revocations-back': [{ type: 'revocations-back', entries: [envelope] }],
  rejected: [{ type: 'rejected', of: 'heartbeat', code: 'malformed', message: 'a' }],
};

test.each(Object.entries(SAMPLES))(
  'T-25: no text of a message to the hub, in whatever field, holds a credential: %s',
  (type, samples) => {
    const schema = AgentMessage.options.find((option) => option.shape.type.value === type);
    const named = listFields(z.toJSONSchema(schema ?? z.never(), { io: 'input', unrepresentable: 'any' }));
    expect(named.filter((name) => !samples.flatMap(listKeys).includes(name))).toEqual([]);

    const tried = samples.flatMap((sample) => FORMS.flatMap((form) => [...replaceEachText(sample, `a ${form} b`)]));
    const sent = tried.flatMap((changed) => {
      const parsed = AgentMessage.safeParse(changed);
      return parsed.success ? [CleanFrame.from(parsed.data, toCleanJson)] : [];
    });
    for (const frame of sent)
      for (const form of FORMS) expect(frame?.text ?? '').not.toContain(JSON.stringify(form).slice(1, -1));
    const hasFreeText = !['part-request', 'keyset-status', 'revocations-status', 'revocations-back'].includes(type);
    if (hasFreeText) expect(sent.some((frame) => frame?.text.includes('[redacted:credential]'))).toBe(true);
  },
);

test('T-25: a receipt with a credential in it is not sent, since changed it would not fit into its chain', () => {
  const batch = (name: string): AgentMessage => ({
    type: 'audit-batch',
    spoolId: id,
    receipts: buildReceipts(1, { clientName: name }),
  });
  expect(CleanFrame.from(batch('Claude'), toCleanJson)).not.toBeNull();
  for (const form of FORMS) expect(CleanFrame.from(batch(form), toCleanJson)).toBeNull();
});

test('T-25: a message is not sent when the field that held a credential needs a form of its own', () => {
  const [beat] = SAMPLES.heartbeat;
  const parsed = AgentMessage.parse({ ...beat, endpointUrl: 'http://housekeeping-7:8377' });
  expect(CleanFrame.from(parsed, createWriter('housekeeping-7'))?.text ?? '').not.toContain('housekeeping-7');
});
