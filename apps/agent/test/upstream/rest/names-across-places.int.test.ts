import { expect, test } from 'vitest';

import { compileCallCheck } from '@gatehouse/policy/compile/call-check';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { ArgumentRule } from '@gatehouse/policy/documents/profile';
import { findRestOperation } from '@gatehouse/policy/documents/rest-operation';

import { startRawHttp } from '../../support/servers/raw-http.ts';
import { defineParameter, openRest, readTools } from '../../support/servers/rest.ts';

const string = { type: 'string' };
const FORM = 'application/x-www-form-urlencoded';
const OPEN = defineParameter('filter', 'query', {
  schema: { type: 'object', properties: { page: string }, additionalProperties: string },
});
const PARAMETERS = [
  defineParameter('id', 'path'),
  defineParameter('status', 'query'),
  defineParameter('order_id', 'query'),
  defineParameter('X-Note', 'header'),
  OPEN,
];

function makeOperation(operationId: string, mediaType: string, properties: JsonObject, parameters = PARAMETERS): JsonObject {
  const schema = { $ref: `#/components/schemas/${operationId}` };
  SCHEMAS[operationId] = { type: 'object', properties };
  return { operationId, parameters, requestBody: { content: { [mediaType]: { schema } } }, responses: {} };
}
const SCHEMAS: JsonObject = {};
const TOOLS = readTools(
  {
    '/orders/{id}': {
      post: makeOperation('form', FORM, { note: string }),
      put: makeOperation('json', 'application/json', { note: string }),
      patch: makeOperation('both', 'application/json', { note: string, id: string, status: string, page: string }),
    },
    '/same': {
      post: makeOperation('same', FORM, { note: string, Note: string }, [
        defineParameter('sort', 'query'),
        defineParameter('sort[by]', 'query'),
        defineParameter('one', 'query', { schema: { type: 'object', properties: { page: string, PAGE: string, size: string } } }),
        defineParameter('two', 'query', { schema: { type: 'object', properties: { Page: string } } }),
      ]),
      put: makeOperation('exact', 'application/json', { note: string, Note: string }, []),
    },
    '/declared/{id}': {
      post: makeOperation('method', FORM, { _method: string }, [
        defineParameter('id', 'path'),
        defineParameter('X-Http-Method', 'query'),
      ]),
    },
  },
  { components: { schemas: SCHEMAS } },
);

/** One call as it comes from a client of a profile with these rules. */
async function start() {
  const { url, requests } = await startRawHttp();
  const { call } = openRest(url);
  async function tryCall(name: string, rules: readonly ArgumentRule[], args: JsonObject): Promise<string> {
    const definition = TOOLS.get(name);
    if (!definition) throw new Error(`no tool ${name}`);
    const checked = compileCallCheck(definition.inputSchema, rules, { operation: findRestOperation(definition) })(args);
    if (!checked.ok) return checked.problem;
    const answer = await call(definition, checked.arguments);
    if ('result' in answer && answer.result['isError'] === true) return JSON.stringify(answer.result);
    const { method, target, body } = requests.at(-1) ?? {};
    return `${method} ${target} ${body}`;
  }
  return { tryCall, requests };
}

const pin = (argument: string, value: string): ArgumentRule => ({ kind: 'pin', argument, value });

test('T-56: no member that is not declared has the name of what is declared at another place, or of the method', async () => {
  const { tryCall, requests } = await start();
  const names = ['id', 'Id', 'id[]', 'status', 'STATUS', 'order_id', 'orderId', 'orderid', 'order-id', 'X-Note', 'page', 'Note'];
  const methods = [
    '_method',
    '_METHOD',
    '.method',
    '%5Fmethod',
    'method',
    '_HttpMethod',
    'X-HTTP-Method-Override',
    'x-http-method',
  ];
  for (const name of [...names, ...methods]) {
    for (const tool of ['form', 'json'])
      expect(await tryCall(tool, [], { id: '7', body: { [name]: 'x' } }), `${tool} ${name}`).toContain('\\"body\\" holds a name');
    if (name === 'page') continue;
    expect(await tryCall('form', [], { id: '7', filter: { [name]: 'x' } }), name).toContain('\\"filter\\" holds a name');
  }
  expect(await tryCall('form', [], { id: '7', filter: { a: '1' }, body: { A: '2' } })).toContain('holds a name');
  expect(await tryCall('json', [], { id: '7', filter: { a: '1' }, body: { A: '2' } })).toContain('holds a name');
  expect(requests).toEqual([]);
});

test('T-56: a pinned argument has no second one at another place', async () => {
  const { tryCall, requests } = await start();
  for (const tool of ['form', 'json']) {
    expect(await tryCall(tool, [pin('/status', 'open')], { id: '7', body: { status: 'closed' } })).toContain('holds a name');
    expect(await tryCall(tool, [pin('/id', '7')], { filter: { id: '8' } })).toContain('holds a name');
    expect(await tryCall(tool, [pin('/order_id', '7')], { id: '7', filter: { orderId: '8' } })).toContain('holds a name');
  }
  const free: [ArgumentRule, JsonObject, string][] = [
    [pin('/status', 'open'), { id: '7', body: { status: 'closed' } }, 'body.status'],
    [{ kind: 'hide', argument: '/status' }, { id: '7', body: { status: 'closed' } }, 'body.status'],
    [{ kind: 'restrict', argument: '/id', values: ['7'] }, { id: '7', body: { id: '8' } }, 'body.id'],
    [pin('/body/status', 'open'), { id: '7', status: 'closed', body: {} }, 'status'],
    [pin('/filter/page', '1'), { id: '7', body: { page: '2' } }, 'body.page'],
    [pin('/body/page', '1'), { id: '7', filter: { page: '2' }, body: {} }, 'filter.page'],
  ];
  for (const [rule, args, name] of free)
    expect(await tryCall('both', [rule], args), rule.argument).toBe(
      `"${name}" must be left out: this profile has a rule for another argument of that name.`,
    );
  expect(requests).toEqual([]);
});

test('T-56: what a description declares twice is sent at both places, each under its own rule or none', async () => {
  const { tryCall } = await start();
  const both = { id: '7', status: 'open', filter: { page: '1', size: '5' }, body: { id: '7', status: 'closed', page: '2' } };
  expect(await tryCall('both', [], both)).toBe(
    'PATCH /orders/7?status=open&page=1&size=5 {"id":"7","status":"closed","page":"2"}',
  );
  const ruled = [pin('/status', 'open'), pin('/body/status', 'new')];
  expect(await tryCall('both', ruled, { id: '7', body: { id: '7' } })).toBe(
    'PATCH /orders/7?status=open {"id":"7","status":"new"}',
  );
  expect(await tryCall('json', [], { id: '7', body: { note: 'x', other: 'y', Other: 'z', 'other.a': 1 } })).toBe(
    'PUT /orders/7 {"note":"x","other":"y","Other":"z","other.a":1}',
  );
  expect(await tryCall('method', [], { id: '7', 'X-Http-Method': 'PUT' })).toBe('POST /declared/7?X-Http-Method=PUT ');
  expect(await tryCall('method', [], { id: '7', body: { _method: 'PUT' } })).toBe('POST /declared/7 _method=PUT');
});

test('T-56: a hidden or pinned argument has no second one at its own place either', async () => {
  const { tryCall, requests } = await start();
  const hide = (argument: string): ArgumentRule => ({ kind: 'hide', argument });
  const free: [string, ArgumentRule, JsonObject, string][] = [
    ['same', hide('/sort'), { sort_by: 'x' }, 'sort_by'],
    ['same', pin('/sort', 'name'), { sort_by: 'x' }, 'sort_by'],
    ['same', hide('/one/page'), { two: { Page: '2' } }, 'two.Page'],
    ['same', hide('/one/page'), { one: { PAGE: '2' } }, 'one.PAGE'],
    ['same', hide('/body/note'), { body: { Note: 'x' } }, 'body.Note'],
  ];
  for (const [tool, rule, args, name] of free)
    expect(await tryCall(tool, [rule], args), rule.argument).toBe(
      `"${name}" must be left out: this profile has a rule for another argument of that name.`,
    );
  expect(requests).toEqual([]);
  // names of a JSON object are exact, and a rule for a member leaves the members beside it
  expect(await tryCall('exact', [hide('/body/note')], { body: { Note: 'x' } })).toBe('PUT /same {"Note":"x"}');
  expect(await tryCall('same', [hide('/one/page')], { one: { size: '5' } })).toBe('POST /same?size=5 ');
});
