import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';

import { type AnyProcedure, type AnyRouter } from '@trpc/server';
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { accountRouter } from '../../src/server/api/account.ts';
import { answerProcedures } from '../../src/server/api/answer-procedures.ts';
import { appRouter } from '../../src/server/api/root.ts';
import { CASES, NO_IDS } from './foreign-ids.ts';
import { type Everything, makeTenantWithEverything, openWorld, type TestWorld } from './world.ts';

let world: TestWorld;
let tenant: Everything;
beforeAll(async () => {
  world = await openWorld();
  tenant = await makeTenantWithEverything(world.fixtures);
});
afterAll(() => world.close());

const listProcedures = (router: AnyRouter, isAccount = false) =>
  Object.entries<AnyProcedure>(router._def.procedures).flatMap(([path, { _def }]) =>
    _def.type === 'subscription' ? [] : [{ path, type: _def.type, isAccount, schema: readSchema(_def) }],
  );
const PROCEDURES = [...listProcedures(appRouter), ...listProcedures(accountRouter, true)];

/** Of a tenant's procedure it is what the verb parses with, of an account's what the procedure does. */
function readSchema(def: object): z.ZodType | undefined {
  const Schema = z.instanceof(z.ZodType);
  const { inputs, meta } = z
    .object({ inputs: z.array(Schema), meta: z.object({ schema: Schema.optional() }).optional() })
    .parse(def);
  return meta?.schema ?? inputs[0];
}

/** What no column takes: each must be answered with 400 and the name of its field. */
const UNSTORABLE = ['\0', 'a\0b', '\ud800', 'x\udfff'];
const encodeCursor = (...position: string[]) => Buffer.from(JSON.stringify(position)).toString('base64url');
const AT = '2026-11-02T10:05:00Z';
const BAD: readonly unknown[] = [
  ...UNSTORABLE,
  '',
  ' ',
  'a'.repeat(100_000),
  '__proto__',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  new Date('0000-01-01T00:00:00Z'),
  new Date('-000001-01-01T00:00:00Z'),
  new Date(8.64e15),
  '00000000-0000-0000-0000-000000000000',
  encodeCursor('0000-01-01T00:00:00Z', randomUUID()),
  encodeCursor('0000-01-01T00:00:00Z', '1', randomUUID()),
  encodeCursor(AT, '9999999999999999999', randomUUID()),
  -1,
  0.5,
  1e308,
  2 ** 31,
  2 ** 53,
  2n ** 80n,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  null,
  true,
  [],
  ['a\0b'],
  {},
  { 'a\0b': '\ud800' },
  new Map([['\0', '\0']]),
  '@deep',
  '@prototype',
  '@notes',
];

/** What superjson would not write: the text that stands in the place of such a value. */
const RAW: readonly (readonly [string, string])[] = [
  ['@deep', '['.repeat(20_000) + ']'.repeat(20_000)],
  ['@prototype', '{"__proto__":{"polluted":true}}'],
];
/** Notes on types that fit nothing. */
const WRONG_NOTES = {
  values: { 'a.b.__proto__': ['Date'], '': [['custom', 'x']] },
  referentialEqualities: [['x', ['constructor']]],
};

type Path = readonly (string | number)[];

/** Every field of an input, those of alternatives too. */
function* listFields(schema: z.core.$ZodType, at: Path = []): Generator<Path> {
  if (at.length > 0) yield at;
  if (at.length > 6) return;
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      for (const [key, field] of Object.entries(def.shape)) yield* listFields(field, [...at, key]);
      return;
    case 'array':
      yield* listFields(def.element, [...at, 0]);
      return;
    case 'record':
      yield* listFields(def.valueType, [...at, 'key']);
      return;
    case 'union':
      for (const option of def.options) yield* listFields(option, at);
      return;
    case 'pipe':
      yield* listFields(def.in, at);
      return;
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
      yield* listFields(def.innerType, at);
      return;
    default:
  }
}

/** A copy of an input with one field replaced; what is missing on the way is made. */
function replaceField(input: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof key === 'number') return [replaceField(Array.isArray(input) ? input[0] : undefined, rest, value)];
  const fields = typeof input === 'object' && input !== null && !Array.isArray(input) ? input : {};
  return { ...fields, [key]: replaceField(Reflect.get(fields, key), rest, value) };
}

/** All values in all fields; in a run of all tests only those that `listCases` chooses. */
const IS_DRILL = process.env['GATEHOUSE_DRILL'] === '1';

/**
 * The input with one field after the other replaced by one bad value after the other. What the schema takes is all there, because a verb works with
 * it. What it refuses is refused by the same few lines for every field, so each value is there once and each field has one, but in a drill.
 */
function* listCases(schema: z.ZodType, input: unknown): Generator<{ field: string; value: unknown; changed: unknown }> {
  // alternatives have fields of the same name
  const fields = [...new Map([[], ...listFields(schema)].map((path): [string, Path] => [path.join('.'), path]))];
  const turns = Math.min(fields.length, BAD.length);
  for (const [at, [field, path]] of fields.entries()) {
    for (const [index, value] of BAD.entries()) {
      const changed = replaceField(input, path, value);
      if (IS_DRILL || index % turns === at % turns || schema.safeParse(changed).success) yield { field, value, changed };
    }
  }
}

/** Valid inputs of the procedures that take no id. */
const INPUTS: Readonly<Record<string, unknown>> = {
  'member.invite': { email: 'new@a.example', role: 'member' },
  'member.sendInvitation': { email: 'mailed@a.example', role: 'member' },
  requestReset: { email: 'nobody@a.example', workspace: null },
  'review.list': { state: 'decided' },
  'site.create': { name: 'Fuzzed' },
  readLink: { kind: 'invitation', token: 'nobody’s' },
  acceptInvitation: { token: 'nobody’s', account: { kind: 'new', name: 'Nea', newPassword: 'correct horse battery' } },
  resetPassword: { token: 'nobody’s', newPassword: 'correct horse battery' },
  beginPasskey: { currentPassword: 'not this one' },
  addPasskey: {
    name: 'Phone',
    answer: { id: 'AA', rawId: 'AA', type: 'public-key', response: { clientDataJSON: 'AA', attestationObject: 'AA' } },
  },
  beginAuthenticator: { currentPassword: 'not this one' },
  confirmAuthenticator: { code: '000000' },
  removeAuthenticator: { currentPassword: 'not this one' },
  renewRecoveryCodes: { currentPassword: 'not this one' },
  changePassword: { currentPassword: 'not this one', newPassword: 'correct horse battery' },
};

const ANSWER = z.object({
  error: z.object({ json: z.object({ message: z.string(), data: z.object({ field: z.string().nullish() }) }) }).optional(),
});

interface Procedure {
  path: string;
  type: string;
  /** of the person's account, outside of any workspace */
  isAccount?: boolean;
}

const answer = (request: Request, change: { tenantSlug?: null; ip?: string } = {}) =>
  answerProcedures(request, {
    runtime: world.runtime,
    token: tenant.token,
    tenantSlug: tenant.slug,
    ip: '192.0.2.1',
    ...change,
    requestId: 'fuzz',
    sameOrigin: true,
    onChallenge: () => undefined,
    stopping: new AbortController().signal,
  });

/** One call over HTTP, its input as the browser would write it. */
async function send(
  { path, type, isAccount = false }: Procedure,
  text: string,
  ip: string = randomUUID(),
): Promise<{ status: number; message: string; field: string | null }> {
  const endpoint = isAccount ? '/api/account' : `/t/${tenant.slug}/api/trpc`;
  const url = new URL(`${endpoint}/${path}`, 'http://console.example');
  const isGet = type === 'query' && !isAccount;
  if (isGet) url.searchParams.set('input', text);
  const init = isGet ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: text };
  // an address of its own for each: guesses of links are counted by it
  const response = await answer(new Request(url, init), isAccount ? { tenantSlug: null, ip } : {});
  const { error } = ANSWER.parse(await response.json());
  return { status: response.status, message: error?.json.message ?? '', field: error?.json.data.field ?? null };
}

function encode(input: unknown): string {
  const { json, meta } = superjson.serialize(input);
  const text = JSON.stringify({ json, meta: JSON.stringify(json)?.includes('"@notes"') ? WRONG_NOTES : meta });
  return RAW.reduce((written, [mark, raw]) => written.replaceAll(JSON.stringify(mark), raw), text);
}

/** A value in a few characters, for whoever reads why the test failed. */
const show = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : inspect(value)).slice(0, 80);

function listInputs(path: string): unknown[] {
  const entry = CASES[path];
  return entry === undefined || entry === NO_IDS ? [INPUTS[path] ?? {}] : entry.buildInputs(tenant.ids, tenant.ids);
}

describe('no value of a field is answered with 500:', () => {
  const withInput = PROCEDURES.flatMap(({ schema, ...procedure }) => (schema ? [{ ...procedure, schema }] : []));
  // hundreds of requests each, so it is not held to the time of one
  test.each(withInput)('$path', { timeout: 300_000 }, async ({ schema, ...procedure }) => {
    const [input] = listInputs(procedure.path);
    const failed: unknown[] = [];
    for (const { field, value, changed } of listCases(schema, input)) {
      const { status, message } = await send(procedure, encode(changed));
      if (status >= 500) failed.push({ field, value: show(value), message });
    }
    expect(failed).toEqual([]);
  });
});

describe('what cannot be stored is answered with 400 and the field:', () => {
  const named: Readonly<Record<string, [field: string, input: (value: string) => unknown]>> = {
    'site.create': ['name', (name) => ({ name, slug: randomUUID().slice(0, 8) })],
    'profile.create': ['description', (description) => ({ name: randomUUID(), description, siteIds: [tenant.ids.site] })],
    'server.create': [
      'purpose',
      (purpose) => ({
        name: randomUUID(),
        purpose,
        siteIds: [tenant.ids.site],
        transport: { kind: 'http', url: 'https://x.example/mcp' },
      }),
    ],
    'clientKey.create': ['name', (name) => ({ profileId: tenant.ids.profile, name })],
    'receipt.list': ['name', (name) => ({ name })],
    readLink: ['token', (token) => ({ kind: 'reset', token })],
    acceptInvitation: ['account.name', (name) => ({ token: 'x', account: { kind: 'new', name, newPassword: 'x'.repeat(12) } })],
    resetPassword: ['newPassword', (text) => ({ token: 'x', newPassword: text.padEnd(12, 'x') })],
    changePassword: ['newPassword', (text) => ({ currentPassword: 'x', newPassword: text.padEnd(12, 'x') })],
  };
  test.each(Object.entries(named))('%s', async (path, [field, buildInput]) => {
    const procedure = PROCEDURES.find((one) => one.path === path);
    if (!procedure) throw new Error(`no procedure ${path}`);
    for (const value of UNSTORABLE) {
      const answer = await send(procedure, encode(buildInput(value)));
      expect(answer, show(value)).toMatchObject({ status: 400, field, message: expect.stringContaining(field) });
    }
  });
});

test.each<[string, unknown, object]>([
  ['a map', [[1, 1]], { values: ['map'] }],
  ['a set inside of a date', { a: [1] }, { values: { a: ['Date', { b: ['set'] }] } }],
  ['a number of any length', '9'.repeat(1_000), { values: ['bigint'] }],
  ['an expression', '/(a+)+$/', { values: ['regexp'] }],
  ['a list of bytes', [1], { values: [['typed-array', 'Uint8Array']] }],
])('T-57: %s, which no page sends, is not made from what a stranger wrote', async (_what, json, meta) => {
  const answer = await send({ path: 'site.create', type: 'mutation' }, JSON.stringify({ json, meta }));
  expect(answer).toMatchObject({ status: 400, message: expect.stringContaining('type that is not taken') });
});

test('T-35: links that there are not are one answer, whatever they are for, and guesses are counted by address', async () => {
  const guess = (path: string, rest: object, ip?: string) => {
    const procedure = { path, type: 'mutation', isAccount: true };
    return send(procedure, encode({ token: randomUUID(), ...rest }), ip);
  };
  const [account, newPassword] = [{ kind: 'new', name: 'Nea', newPassword: 'correct horse battery' }, 'correct horse battery'];
  const asked = [
    guess('readLink', { kind: 'reset' }),
    guess('readLink', { kind: 'invitation' }),
    guess('acceptInvitation', { account }),
    guess('resetPassword', { newPassword }),
  ];
  const answers = await Promise.all(asked);
  expect(new Set(answers.map((one) => JSON.stringify(one)))).toHaveLength(1);
  const ip = '2001:db8:7::1';
  const statuses: number[] = [];
  // the neighbours of an address count as it
  for (let count = 0; count < 31; count += 1)
    statuses.push((await guess('readLink', { kind: 'reset' }, `2001:db8:7::${count}`)).status);
  expect(statuses.slice(0, 30)).not.toContain(429);
  expect(statuses[30]).toBe(429);
  expect((await guess('acceptInvitation', { account }, ip)).status).toBe(429);
  expect((await guess('readLink', { kind: 'reset' }, '2001:db8:8::1')).status).not.toBe(429);
});

test('no name becomes a prototype, and none is lost without a word', async () => {
  const procedure = { path: 'profile.saveDraft', type: 'mutation' };
  const rule = { kind: 'pin', argument: '/orderId', value: '@prototype' };
  const draft = { entries: [{ kind: 'tool', serverId: tenant.ids.server, name: 'get_order', arguments: [rule] }] };
  const answer = await send(procedure, encode({ profileId: tenant.ids.profile, draft }));
  expect(answer).toMatchObject({ status: 400, message: expect.stringContaining('__proto__') });
  expect('polluted' in {}).toBe(false);
});

test('T-57: one request names 20 procedures at most, whatever they are; with more none of them runs', async () => {
  const batch = async (count: number) => {
    const names = Array.from({ length: count }, () => 'me.get').join(',');
    const response = await answer(new Request(`http://console.example/t/${tenant.slug}/api/trpc/${names}?batch=1&input=%7B%7D`));
    return [response.status, await response.json()];
  };
  expect(await batch(20)).toEqual([200, expect.objectContaining({ length: 20 })]);
  const [status, body] = await batch(21);
  expect(status).toBe(400);
  expect(JSON.stringify(body)).not.toContain(tenant.email);
});
