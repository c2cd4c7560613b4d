import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';

import { type AnyProcedure, type AnyRouter } from '@trpc/server';
import superjson from 'superjson';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

import { answerProcedures } from '../../src/server/api/answer-procedures.ts';
import { appRouter } from '../../src/server/api/root.ts';
import { MAX_BATCH } from '../../src/trpc/batch.ts';
import { CASES, NO_IDS } from './foreign-ids.ts';
import { type Everything, makeTenantWithEverything, openWorld, type TestWorld } from './world.ts';

let world: TestWorld;
let tenant: Everything;
beforeAll(async () => {
  world = await openWorld();
  tenant = await makeTenantWithEverything(world.fixtures);
});
afterAll(() => world.close());

const router: AnyRouter = appRouter;
const PROCEDURES = Object.entries<AnyProcedure>(router._def.procedures).flatMap(([path, { _def }]) =>
  _def.type === 'subscription' ? [] : [{ path, type: _def.type, schema: readSchema(_def) }],
);

function readSchema(def: object): z.ZodType | undefined {
  const [schema] = z.object({ inputs: z.array(z.instanceof(z.ZodType)) }).parse(def).inputs;
  return schema;
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

/** Valid inputs of the procedures that take no id. */
const INPUTS: Readonly<Record<string, unknown>> = {
  'member.invite': { email: 'new@a.example', role: 'member' },
  'review.list': { state: 'decided' },
  'site.create': { name: 'Fuzzed' },
};

const ANSWER = z.object({
  error: z.object({ json: z.object({ message: z.string(), data: z.object({ field: z.string().nullish() }) }) }).optional(),
});

interface Procedure {
  path: string;
  type: string;
}

const answer = (request: Request) =>
  answerProcedures(request, {
    runtime: world.runtime,
    token: tenant.token,
    tenantSlug: tenant.slug,
    ip: '192.0.2.1',
    requestId: 'fuzz',
    sameOrigin: true,
    stopping: new AbortController().signal,
  });

/** One call over HTTP, its input as the browser would write it. */
async function send({ path, type }: Procedure, text: string): Promise<{ status: number; message: string; field: string | null }> {
  const endpoint = `/t/${tenant.slug}/api/trpc`;
  const url = new URL(`${endpoint}/${path}`, 'http://console.example');
  if (type === 'query') url.searchParams.set('input', text);
  const init = type === 'query' ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: text };
  const response = await answer(new Request(url, init));
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
    for (const field of [[], ...listFields(schema)]) {
      for (const value of BAD) {
        const { status, message } = await send(procedure, encode(replaceField(input, field, value)));
        if (status >= 500) failed.push({ field: field.join('.'), value: show(value), message });
      }
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
  expect(await batch(MAX_BATCH)).toEqual([200, expect.objectContaining({ length: MAX_BATCH })]);
  const [status, body] = await batch(MAX_BATCH + 1);
  expect(status).toBe(400);
  expect(JSON.stringify(body)).not.toContain(tenant.email);
});
