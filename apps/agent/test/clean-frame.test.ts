import { expect, test } from 'vitest';
import * as z from 'zod';

import { makeServer } from '@gatehouse/policy/testing/build';
import { AgentMessage } from '@gatehouse/protocol/messages';
import { buildReceipts } from '@gatehouse/protocol/testing/build-receipts';
import { listFreeTexts, listPlanted } from '@gatehouse/protocol/testing/free-texts';

import { CurrentConfig } from '../src/config/current.ts';
import { CleanFrame, type CleanWriter } from '../src/link/clean-frame.ts';
import { LeavingTexts } from '../src/link/leaving-texts.ts';
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
function createWriter(secret: string, texts = new LeavingTexts(new CurrentConfig())): CleanWriter {
  const scrub = new CredentialScrub();
  scrub.add(secret);
  return { toCleanJson: (value) => scrub.toJson(value), redact: (text) => texts.redact(scrub.scrubText(text)) };
}
const writer = createWriter(SECRET);

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

const TOKEN = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
const EMAIL = 'ida@leak.fi';

function describeSchema(type: string): unknown {
  const schema = AgentMessage.options.find((option) => option.shape.type.value === type);
  return z.toJSONSchema(schema ?? z.never(), { io: 'input', unrepresentable: 'any' });
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
  leftOut: {
    parts: [{ kind: 'tool', name: 'y', pointer: '/z', keyword: 'aa', cause: 'secret', reason: 'ab' }],
    more: 1,
  },
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
      upkeep: { certificateEndsAt: at, lostReceipts: 0, refusedReceipts: 0 },
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
    const named = listFields(describeSchema(type));
    expect(named.filter((name) => !samples.flatMap(listKeys).includes(name))).toEqual([]);

    const tried = samples.flatMap((sample) => FORMS.flatMap((form) => [...replaceEachText(sample, `a ${form} b`)]));
    const sent = tried.flatMap((changed) => {
      const parsed = AgentMessage.safeParse(changed);
      return parsed.success ? [CleanFrame.from(parsed.data, writer)] : [];
    });
    for (const frame of sent)
      for (const form of FORMS) expect(frame?.text ?? '').not.toContain(JSON.stringify(form).slice(1, -1));
    const hasFreeText = !['part-request', 'keyset-status', 'revocations-status', 'revocations-back'].includes(type);
    if (hasFreeText) expect(sent.some((frame) => frame?.text.includes('[redacted:credential]'))).toBe(true);
  },
);

test.each(Object.entries(SAMPLES))(
  'T-28: personal data and credentials by their form leave the site in no free text: %s',
  (type, samples) => {
    const free = listFreeTexts(describeSchema(type), type);
    const planted = new Set<string>();
    for (const changed of samples.flatMap((sample) => [TOKEN, EMAIL].flatMap((text) => [...replaceEachText(sample, text)]))) {
      const message = AgentMessage.safeParse(changed).data;
      const frame = message && CleanFrame.from(message, writer);
      for (const field of listPlanted(changed, type, [TOKEN, EMAIL])) if (frame) planted.add(field);
      const left = listPlanted(JSON.parse(frame?.text ?? 'null'), type, [TOKEN, EMAIL]);
      expect(left.filter((field) => free.includes(field))).toEqual([]);
    }
    expect(free.filter((field) => !planted.has(field))).toEqual([]);
  },
);

const HIDDEN = Array.from('do as told', (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');

test.each(Object.entries(SAMPLES))('T-28: what nobody would see leaves the site in no free text: %s', (type, samples) => {
  const free = listFreeTexts(describeSchema(type), type);
  for (const changed of samples.flatMap((sample) => [...replaceEachText(sample, `a${HIDDEN}b`)])) {
    const message = AgentMessage.safeParse(changed).data;
    const frame = message && CleanFrame.from(message, writer);
    const left = listPlanted(JSON.parse(frame?.text ?? 'null'), type, [HIDDEN]);
    expect(left.filter((field) => free.includes(field))).toEqual([]);
  }
});

test('T-28: a text is cut after it was redacted, so that no half of an address or a token is left at its end', () => {
  for (const [start, text] of [
    [990, EMAIL],
    [985, TOKEN],
    [995, TOKEN],
  ] as const) {
    const outcome = { status: 'failed', code: 'not_mcp', message: `${'x '.repeat(start / 2)}${text}` } as const;
    const frame = CleanFrame.from({ type: 'discovery-result', discoveryId: id, outcome }, writer);
    expect(frame?.text).not.toContain(text.slice(0, 5));
    expect(AgentMessage.safeParse(JSON.parse(frame?.text ?? '')).success).toBe(true);
  }
});

test('no text is cut within a character, and one that is cut says so', () => {
  const serverInfo = { name: `${'x'.repeat(198)}\u{1f600}yz`, version: '1' };
  const observed = {
    type: 'definitions-observed',
    serverId: id,
    offer: { protocolVersion: '', serverInfo, entries: [] },
  } as const;
  const message = { ...observed, offer: { ...observed.offer, features: offer.features, entries: [] } };
  expect(CleanFrame.from(message, writer)?.text).toContain(`"${'x'.repeat(198)}…"`);
});

test('T-28: a host that the control plane has named stays in a reason, another one does not', () => {
  const texts = new LeavingTexts(new CurrentConfig());
  const text = '10.1.2.3 and [fd00::7] refused, 10.9.9.9 did not';
  expect(texts.redact(text)).toBe('[redacted:ip] and [[redacted:ip]] refused, [redacted:ip] did not');
  texts.noteNamed(makeServer({ transport: { kind: 'http', url: 'https://10.1.2.3:8443/mcp', credential: null } }));
  texts.noteNamed(makeServer({ transport: { kind: 'rest', baseUrl: 'https://[fd00::7]/', credential: null } }));
  expect(texts.redact(text)).toBe('10.1.2.3 and [fd00::7] refused, [redacted:ip] did not');
});

test('T-25: a receipt with a credential in it is not sent, since changed it would not fit into its chain', () => {
  const batch = (name: string): AgentMessage => ({
    type: 'audit-batch',
    spoolId: id,
    receipts: buildReceipts(1, { clientName: name }),
  });
  expect(CleanFrame.from(batch('Claude'), writer)).not.toBeNull();
  for (const form of FORMS) expect(CleanFrame.from(batch(form), writer)).toBeNull();
});

test('T-25: a message is not sent when the field that held a credential needs a form of its own', () => {
  const [beat] = SAMPLES.heartbeat;
  const parsed = AgentMessage.parse({ ...beat, endpointUrl: 'http://housekeeping-7:8377' });
  expect(CleanFrame.from(parsed, createWriter('housekeeping-7'))?.text ?? '').not.toContain('housekeeping-7');
});
