import { expect, test } from 'vitest';

import { readNumber } from '@gatehouse/policy/documents/exact-number';
import type { SnapshotEntryOf } from '@gatehouse/policy/documents/profile';
import { computeSteadyPin } from '@gatehouse/policy/documents/steady-pin';
import { DIGITS_KEY, noteDigits, roundDigits } from '@gatehouse/policy/schema/noted-digits';
import { makeProfile, makePrompt, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { openSession, post } from '../support/clients/clients.ts';
import { startHttpOffer } from '../support/servers/offer.ts';

const A = '725653563933458437';

const define = (...allowed: string[]) => ({
  name: 'open',
  inputSchema: {
    type: 'object' as const,
    properties: {
      id: { type: 'integer', enum: allowed.map(readNumber), default: readNumber(A) },
      size: { type: 'integer', minimum: readNumber('-9223372036854775808'), maximum: readNumber('9223372036854775807') },
      step: { multipleOf: readNumber('100000000000000000001') },
    },
  },
});
const PROMPT = { name: 'ask', _meta: { 'example.com/id': readNumber(A) } };

async function start(approved: object, overrides: Partial<SnapshotEntryOf<'tool'>> = {}) {
  const offer = await startHttpOffer('legacy', {
    tools: [define(A)],
    prompts: [PROMPT],
    resources: [],
    resourceTemplates: [],
  });
  const tool = makeTool(offer.server, approved, { risk: 'write', ...overrides });
  const prompt = makePrompt(offer.server, noteDigits(PROMPT));
  const gateway = await startGateway({ servers: [offer.server], profiles: [makeProfile([tool, prompt])] });
  const session = await openSession(gateway.url, gateway.secret);
  const send = async (method: string, params: string) =>
    (await post(gateway.url, `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`, session)).text();
  return { ...offer, send, call: (args: string) => send('tools/call', `{"name":"open","arguments":${args}}`) };
}

test('large numbers of a definition reach clients digit for digit, and calls are held to them', async () => {
  const { send, call } = await start(noteDigits(define(A)));
  const listed = await send('tools/list', '{}');
  expect(listed).toContain(`"id":{"type":"integer","enum":[${A}],"default":${A}}`);
  expect(listed).toContain('"minimum":-9223372036854775808,"maximum":9223372036854775807');
  expect(listed).toContain('"multipleOf":100000000000000000001');
  const prompts = await send('prompts/list', '{}');
  expect(prompts).toContain(`"_meta":{"example.com/id":${A}}`);
  expect(listed + prompts).not.toContain(DIGITS_KEY);
  expect(await send('prompts/get', '{"name":"ask"}')).toContain('"messages":[]');
  for (const args of [`{"id":${A}}`, '{"size":9223372036854775807}', '{"step":200000000000000000002}'])
    expect(await call(args), args).toContain('done');
  for (const digits of ['725653563933458436', '725653563933458400', '725653563933458438'])
    expect(await call(`{"id":${digits}}`)).toContain(`\\"id\\" must be one of [${A}]`);
  expect(await call('{"size":9223372036854775808}')).toContain('must be <= 9223372036854775807');
  expect(await call('{"step":200000000000000000003}')).toContain('must be multiple of 100000000000000000001');
});

test('a server that changes one digit has changed its definition', async () => {
  const { change, call } = await start(noteDigits(define(A)));
  expect(await call(`{"id":${A}}`)).toContain('done');
  for (const digits of ['725653563933458436', '725653563933458400']) {
    const fresh = await start(noteDigits(define(A)));
    fresh.change({ tools: [define(digits)] });
    expect(await fresh.call(`{"id":${A}}`)).toContain('has changed this tool since it was approved');
  }
  change({ tools: [{ ...define(A), [DIGITS_KEY]: { '/name': '1' } }] });
  expect(await call(`{"id":${A}}`)).toContain('done');
});

test('what was approved when every number was taken for a double goes on as it was approved', async () => {
  const rounded = roundDigits(define(A));
  const { send, call, change } = await start(rounded);
  expect(await send('tools/list', '{}')).toContain('"enum":[725653563933458400]');
  expect(await call('{"size":5}')).toContain('done');
  const changed = await start(rounded);
  changed.change({ tools: [define('725653563933459437')] });
  expect(await changed.call('{"size":5}')).toContain('has changed this tool since it was approved');
  change({ tools: [rounded] });
  expect(await call('{"size":5}')).toContain('done');
});

test('the rounded text that is there for agents of before is none that a server may list now', async () => {
  const rounded = roundDigits(define(A));
  const { change, call } = await start(noteDigits(define(A)), { alike: [computeSteadyPin('tool', rounded)] });
  change({ tools: [rounded] });
  expect(await call(`{"id":${A}}`)).toContain('has changed this tool since it was approved');
});

test('identifiers, anchors and dynamic references of a schema reach clients as they were written, and calls are held to what they lead to', async () => {
  const inputSchema = {
    type: 'object' as const,
    properties: { item: { $ref: 'item.json' }, tree: { $ref: 'strict-tree' }, deep: buildNested(24) },
    $defs: {
      item: {
        $id: 'item.json',
        type: 'object',
        properties: { count: { $ref: '#count' } },
        $defs: { n: { $anchor: 'count', type: 'integer' } },
      },
      tree: { $id: 'tree', $dynamicAnchor: 'node', properties: { data: true, children: { items: { $dynamicRef: '#node' } } } },
      strict: { $id: 'strict-tree', $dynamicAnchor: 'node', $ref: 'tree', unevaluatedProperties: false },
    },
  };
  const offer = await startHttpOffer('legacy', {
    tools: [{ name: 'open', inputSchema }],
    prompts: [],
    resources: [],
    resourceTemplates: [],
  });
  const tool = makeTool(offer.server, { name: 'open', inputSchema }, { risk: 'write' });
  const gateway = await startGateway({ servers: [offer.server], profiles: [makeProfile([tool])] });
  const session = await openSession(gateway.url, gateway.secret);
  const send = async (method: string, params: object) =>
    (await post(gateway.url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), session)).text();
  expect(await send('tools/list', {})).toContain(JSON.stringify(inputSchema));
  const call = (args: object) => send('tools/call', { name: 'open', arguments: args });
  for (const args of [
    { item: { count: 5 } },
    { item: { count: '5' } },
    { tree: { children: [{ data: 1 }] } },
    { deep: buildNested(24) },
  ])
    expect(await call(args)).toContain('done');
  expect(await call({ item: { count: 'five' } })).toContain('must be an integer');
  expect(await call({ tree: { children: [{ children: [{ daat: 1 }] }] } })).toContain("no argument 'daat'");
});

/** A schema of objects in each other, and a value that it takes. */
function buildNested(levels: number): object {
  return Array.from({ length: levels }).reduce<object>((below) => ({ type: 'object', properties: { a: below } }), {});
}
