import { expect, test } from 'vitest';
import { stringify } from 'yaml';

import { compileInputCheck } from '@gatehouse/policy/compile/input-check';
import { computePin } from '@gatehouse/policy/documents/content-hash';
import { findRestOperation } from '@gatehouse/policy/documents/rest-operation';

import { type DescribedOperation, readDescription } from '../src/read-description.ts';

type Paths = Record<string, unknown>;

function describe(paths: Paths, rest: Record<string, unknown> = {}) {
  return { openapi: '3.1.0', info: { title: 'Shop', version: '1' }, paths, ...rest };
}

function read(document: unknown): DescribedOperation[] {
  const result = readDescription(JSON.stringify(document));
  if (!result.ok) throw new Error(result.problem);
  return result.description.operations;
}

/** The one operation of a description that has one. */
function readSingle(paths: Paths, rest: Record<string, unknown> = {}): DescribedOperation {
  const [operation, ...others] = read(describe(paths, rest));
  if (!operation || others.length > 0) throw new Error('not one operation');
  return operation;
}

function readTool(paths: Paths, rest: Record<string, unknown> = {}) {
  const operation = readSingle(paths, rest);
  if (!operation.tool) throw new Error(operation.problem ?? '');
  return { ...operation.tool, rest: findRestOperation(operation.tool.definition) };
}

const query = (name: string, more: object = {}) => ({ name, in: 'query', schema: { type: 'string' }, ...more });
const wrapJson = (schema: unknown) => ({ content: { 'application/json': { schema } } });

const ORDERS = describe(
  {
    '/orders/{orderId}': {
      parameters: [{ name: 'orderId', in: 'path', required: true, schema: { type: 'string' }, description: 'Order number' }],
      get: {
        operationId: 'getOrder',
        summary: 'Read one order',
        tags: ['orders'],
        parameters: [
          { name: 'fields', in: 'query', schema: { type: 'array', items: { type: 'string' } }, explode: false },
          { name: 'X-Trace', in: 'header', schema: { type: 'string' } },
          { name: 'Authorization', in: 'header', required: true, schema: { type: 'string' } },
        ],
        responses: { 200: wrapJson({ $ref: '#/components/schemas/Order' }), 404: wrapJson({ type: 'object' }) },
      },
      delete: { operationId: 'cancelOrder', deprecated: true, description: 'Cancels it.', responses: { 204: {} } },
      patch: {
        operationId: 'changeOrder',
        requestBody: { required: true, ...wrapJson({ $ref: '#/components/schemas/Order' }) },
        responses: {},
      },
    },
  },
  {
    components: {
      schemas: {
        Order: {
          type: 'object',
          properties: {
            id: { type: 'string', readOnly: true },
            note: { type: ['string', 'null'], maxLength: 20 },
            parts: { type: 'array', items: { $ref: '#/components/schemas/Order' } },
          },
          required: ['id', 'note'],
          additionalProperties: false,
        },
      },
    },
  },
);

test('an operation becomes a tool: words, risk, arguments, result, and the request behind it', () => {
  const [get, patch, remove] = ['GET', 'PATCH', 'DELETE'].map((method) => read(ORDERS).find((each) => each.method === method));
  expect(get).toMatchObject({ key: 'GET /orders/{orderId}', name: 'getOrder', risk: 'read', tags: ['orders'], problem: null });
  expect(patch?.risk).toBe('write');
  expect(remove).toMatchObject({ risk: 'destructive', deprecated: true });
  const definition = get?.tool?.definition;
  expect(definition).toMatchObject({
    name: 'getOrder',
    title: 'Read one order',
    inputSchema: { type: 'object', required: ['orderId'], additionalProperties: false },
    annotations: { readOnlyHint: true, destructiveHint: false },
  });
  expect(Object.keys(definition?.inputSchema['properties'] ?? {})).toEqual(['orderId', 'fields', 'X-Trace']);
  expect(definition && findRestOperation(definition)).toEqual({
    method: 'GET',
    path: '/orders/{orderId}',
    parameters: [
      { in: 'path', argument: 'orderId', name: 'orderId', style: 'simple', explode: false },
      { in: 'query', argument: 'fields', name: 'fields', style: 'form', explode: false },
      { in: 'header', argument: 'X-Trace', name: 'X-Trace', style: 'simple', explode: false },
    ],
    body: null,
    responses: ['json'],
  });
  expect(remove?.tool?.definition.description).toBe('Deprecated. Cancels it.');
  expect(remove?.tool?.definition.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true });
});

test('a schema that contains itself stands under $defs, without what only goes the other way', () => {
  const [get, patch] = read(ORDERS).map(({ tool }) => tool?.definition);
  const check = compileInputCheck(patch?.inputSchema ?? {});
  expect(check({ orderId: '1', body: { note: null, parts: [{ note: 'x' }] } })).toBeNull();
  expect(check({ orderId: '1', body: { note: 'x', id: '1' } })).toContain('has no argument');
  expect(check({ orderId: '1', body: { note: 'far too long for a note' } })).not.toBeNull();
  expect(check({ orderId: '1' })).toContain('"body"');
  // a result is never refused by its schema for what an API may well do
  const result = compileInputCheck({ ...get?.outputSchema, type: 'object' });
  expect(result({ extra: 1, note: 'far too long for a note, and without an id' })).toBeNull();
  expect(get?.outputSchema).toMatchObject({ type: 'object', properties: { id: {}, note: {} } });
});

test('3.0: nullable, exclusive bounds and siblings of $ref are put into JSON Schema 2020-12', () => {
  const schema = {
    type: 'object',
    properties: {
      age: { type: 'integer', minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false },
      name: { type: 'string', nullable: true, enum: ['a', 'b'] },
      kind: { nullable: true, allOf: [{ $ref: '#/components/schemas/Kind' }] },
      other: { $ref: '#/components/schemas/Kind', description: 'ignored in 3.0', example: 'x', 'x-own': 1 },
    },
  };
  const { definition } = readTool(
    { '/a': { post: { requestBody: wrapJson(schema), responses: {} } } },
    { openapi: '3.0.3', components: { schemas: { Kind: { type: 'string', enum: ['k'] } } } },
  );
  expect(definition.inputSchema).toMatchObject({
    properties: {
      body: {
        properties: {
          age: { type: 'integer', exclusiveMinimum: 0, maximum: 9 },
          name: { type: ['string', 'null'], enum: ['a', 'b', null] },
          kind: { anyOf: [{ allOf: [{ $ref: '#/$defs/Kind' }] }, { type: 'null' }] },
          other: { $ref: '#/$defs/Kind' },
        },
      },
    },
    $defs: { Kind: { type: 'string', enum: ['k'] } },
  });
  const check = compileInputCheck(definition.inputSchema);
  expect(check({ body: { age: 1, name: null, kind: null, other: 'k' } })).toBeNull();
  expect(check({ body: { age: 0 } })).not.toBeNull();
});

test('T-54: a reference to another document is never fetched; only that operation is lost', () => {
  const operations = read(
    describe({
      '/a': { get: { parameters: [{ $ref: 'https://evil.example/p.json' }], responses: {} } },
      '/b': { post: { requestBody: wrapJson({ properties: { x: { $ref: 'file:///etc/passwd' } } }), responses: {} } },
      '/c': { $ref: './other.yaml#/paths/c' },
      '/d': { get: { responses: { 200: wrapJson({ type: 'object', properties: { x: { $ref: 'https://evil.example' } } }) } } },
      '/e': { get: { parameters: [{ $ref: '#/components/parameters/none' }], responses: {} } },
    }),
  );
  expect(operations.map(({ key, problem }) => [key, problem])).toEqual([
    ['GET /a', 'it refers to another document, and nothing is fetched'],
    ['POST /b', 'it refers to another document, and nothing is fetched'],
    ['ANY /c', 'it refers to another document, and nothing is fetched'],
    ['GET /d', null],
    ['GET /e', 'it refers to #/components/parameters/none, which is not in the description'],
  ]);
  expect(operations[3]?.tool?.definition.outputSchema).toBeUndefined();
});

test('T-57: loops of references and schemas without end are bounded', () => {
  const schemas = {
    Loop: { $ref: '#/components/schemas/Loop' },
    Self: { properties: { next: { $ref: '#/components/schemas/Self' } } },
    Inner: { allOf: [{ $ref: '#/components/schemas/Outer/properties/inner' }] },
    Outer: { type: 'object', properties: { inner: { allOf: [{ $ref: '#/components/schemas/Inner' }] } } },
    ...Object.fromEntries(
      Array.from({ length: 30 }, (_none, level) => [
        `Bomb${level}`,
        { anyOf: [1, 2].map(() => ({ $ref: `#/components/schemas/Bomb${level + 1}` })) },
      ]),
    ),
    Bomb30: { type: 'string' },
    Deep: JSON.parse('{"items":'.repeat(400) + '{}' + '}'.repeat(400)) as unknown,
  };
  const bodies = ['Loop', 'Self', 'Inner', 'Outer', 'Bomb0', 'Deep'];
  const paths = Object.fromEntries(
    bodies.map((name) => [
      `/${name}`,
      { post: { requestBody: wrapJson({ $ref: `#/components/schemas/${name}` }), responses: {} } },
    ]),
  );
  const mapped = read(describe(paths, { components: { schemas } })).map(({ path, tool }) => [path, tool !== null]);
  expect(Object.fromEntries(mapped)).toEqual({
    '/Loop': false,
    '/Self': true,
    '/Inner': true,
    '/Outer': true,
    '/Bomb0': true,
    '/Deep': true,
  });
  const aliases = `a: &a [1]\n${Array.from({ length: 30 }, (_none, at) => `b${at}: &b${at} [*${at === 0 ? 'a' : `b${at - 1}`}, *${at === 0 ? 'a' : `b${at - 1}`}]`).join('\n')}`;
  expect(readDescription(aliases)).toMatchObject({ ok: false });
});

test('what cannot be sent is left out when it is optional, and named as the reason when it is required', () => {
  const cookie = { name: 'session', in: 'cookie', schema: { type: 'string' } };
  const { definition, warnings } = readTool({ '/a': { get: { summary: 'A', parameters: [cookie, query('q')], responses: {} } } });
  expect(Object.keys(definition.inputSchema['properties'] ?? {})).toEqual(['q']);
  expect(warnings).toEqual([
    'Left out, because its cookie parameter "session" seems to be a session or a credential, which the site gives and no argument fills.',
  ]);
  const required = (parameter: object) =>
    readSingle({ '/a': { get: { parameters: [{ ...parameter, required: true }], responses: {} } } }).problem;
  expect(required(cookie)).toContain('a session or a credential');
  expect(required({ name: 'a b', in: 'cookie', schema: {} })).toContain('no name of a cookie');
  expect(required({ name: 'tags', in: 'cookie', schema: { type: 'array' } })).toContain('is a list, and a cookie has one value');
  expect(required({ name: 'opts', in: 'cookie', schema: { type: 'object' } })).toContain(
    'is an object, and a cookie has one value',
  );
  expect(required({ name: 'Host', in: 'header', schema: {} })).toContain('never filled from arguments');
  expect(required({ name: 'Mcp-Session-Id', in: 'header', schema: {} })).toContain('never filled from arguments');
  expect(required({ name: 'Transfer-Encoding', in: 'header', schema: {} })).toContain('never filled from arguments');
  expect(required(query('ids', { style: 'tsv' }))).toContain('style tsv');
  expect(required(query('filter', { schema: undefined, content: { 'application/xml': {} } }))).toContain('itself a document');
  expect(required(query('deep', { schema: { type: 'array', items: { type: 'object' } } }))).toContain('nested');
  const body = (type: string) =>
    readSingle({ '/a': { post: { requestBody: { content: { [type]: { schema: { type: 'object' } } } }, responses: {} } } });
  expect(body('multipart/mixed').problem).toBe(
    'its body is multipart/mixed, and only JSON, forms, text, multipart/form-data and files of one media type are sent',
  );
  expect(body('application/x-www-form-urlencoded; charset=utf-8').problem).toBeNull();
  expect(body('application/vnd.api+json').problem).toBeNull();
  expect(readSingle({ '/a/{b}': { get: { responses: {} } } }).problem).toContain('{b}');
  expect(readSingle({ '/a/../b': { get: { responses: {} } } }).problem).toContain('dot segment');
  expect(readSingle({ '/a?b=c': { get: { responses: {} } } }).problem).toContain('characters');
  expect(readSingle({ '/a': { options: { responses: {} } } }).problem).toContain('OPTIONS');
});

test('arguments get names that models may write, and never each other’s', () => {
  const { rest, definition } = readTool({
    '/a/{id}': {
      put: {
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
          query('id'),
          query('body'),
          query('filter[name]', { schema: { type: 'object' }, style: 'deepObject' }),
          query('__proto__'),
        ],
        requestBody: wrapJson({ type: 'object' }),
        responses: {},
      },
    },
  });
  expect(rest?.parameters.map(({ argument, name }) => [argument, name])).toEqual([
    ['id', 'id'],
    ['id_query', 'id'],
    ['body_query', 'body'],
    ['filter_name', 'filter[name]'],
    ['proto', '__proto__'],
  ]);
  expect(rest?.body).toEqual({ argument: 'body', kind: 'json', mediaType: 'application/json' });
  expect(Object.keys(definition.inputSchema['properties'] ?? {})).toEqual([
    'id',
    'id_query',
    'body_query',
    'filter_name',
    'proto',
    'body',
  ]);
});

test('tool names are clean, at most 64 long, unique, and do not depend on the order', () => {
  const get = (operationId?: string) => ({ get: { ...(operationId === undefined ? {} : { operationId }), responses: {} } });
  const paths: Paths = {
    '/a': get('repos/list for:user'),
    '/b': get('same'),
    '/c/{id}': get('Same'),
    '/d/{id}': get(),
    '/e': get('x'.repeat(200)),
    '/f': get('✂️'),
    '/g-h': get(),
    '/g_h': get(),
  };
  const names = (entries: [string, unknown][]) =>
    new Map(read(describe(Object.fromEntries(entries))).map(({ path, name }) => [path, name]));
  const forward = names(Object.entries(paths));
  expect(forward.get('/a')).toBe('repos_list_for_user');
  expect(forward.get('/b')).toBe('get_b');
  expect(forward.get('/c/{id}')).toBe('get_c_id');
  expect(forward.get('/d/{id}')).toBe('get_d_id');
  expect(forward.get('/f')).toBe('get_f');
  expect(forward.get('/g-h')).toMatch(/^get_g-h_[a-z0-9]+$/);
  expect(new Set(forward.values()).size).toBe(8);
  for (const name of forward.values()) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  expect(names(Object.entries(paths).toReversed())).toEqual(new Map([...forward].toReversed()));
});

test('YAML reads the same as JSON, and equal text gives equal pins', () => {
  const pins = (text: string) => {
    const result = readDescription(text);
    return result.ok ? result.description.operations.map(({ tool }) => tool && computePin(tool.definition)) : result.problem;
  };
  const asJson = pins(JSON.stringify(ORDERS));
  expect(asJson).toHaveLength(3);
  expect(pins(stringify(ORDERS))).toEqual(asJson);
  expect(pins(`\uFEFF${JSON.stringify(ORDERS, null, 2)}`)).toEqual(asJson);
});

test('a change of the path alone is another pin: the request is a part of what was approved', () => {
  const [before] = read(describe({ '/a': { get: { operationId: 'x', responses: {} } } }));
  const [after] = read(describe({ '/admin': { get: { operationId: 'x', responses: {} } } }));
  expect(before?.tool?.definition.inputSchema).toEqual(after?.tool?.definition.inputSchema);
  expect(before?.tool && computePin(before.tool.definition)).not.toBe(after?.tool && computePin(after.tool.definition));
});

test('a schema that is too large is cut to the limits and says so', () => {
  const wide = (level: number): object =>
    level === 0
      ? { type: 'string', description: 'd'.repeat(300) }
      : { type: 'object', properties: Object.fromEntries(Array.from({ length: 6 }, (_none, at) => [`p${at}`, wide(level - 1)])) };
  const { definition, warnings } = readTool({ '/a': { post: { summary: 'A', requestBody: wrapJson(wide(5)), responses: {} } } });
  expect(JSON.stringify(definition).length).toBeLessThan(128 * 1024);
  expect(warnings.join()).toContain('down to a few levels');
  expect(compileInputCheck(definition.inputSchema)({ body: { p0: { p1: {} } } })).toBeNull();
});

test('what is no description says so in a sentence', () => {
  const problem = (text: string) => {
    const result = readDescription(text);
    return result.ok ? null : result.problem;
  };
  expect(problem('')).toContain('neither');
  expect(problem('{"openapi": ')).toContain('cannot be read as JSON');
  expect(problem('a: [')).toContain('cannot be read as YAML');
  expect(problem('{"swagger":"1.2"}')).toContain('Of Swagger, 2.0 is supported');
  expect(problem('{"info":{}}')).toContain('not an OpenAPI description');
  expect(problem('{"openapi":"4.0.0"}')).toContain('4.0.0');
  expect(problem('{"openapi":"3.1.0","paths":{}}')).toContain('no operations');
  expect(problem(' '.repeat(21 * 1024 * 1024))).toContain('20 MB');
  expect(problem(`a: ${'b'.repeat(5 * 1024 * 1024)}`)).toContain('as YAML');
  const many = Object.fromEntries(Array.from({ length: 5_001 }, (_none, at) => [`/p${at}`, { get: { responses: {} } }]));
  expect(problem(JSON.stringify(describe(many)))).toContain('5001 operations');
});

test('a YAML map with tens of thousands of keys is read, and a key that stands there twice is refused', () => {
  const keys = Array.from({ length: 120_000 }, (_, index) => `x-${index}: 1`).join('\n');
  const text = `openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths:\n  /a: { get: { responses: {} } }\n${keys}\n`;
  expect(readDescription(text)).toMatchObject({ ok: true, description: { title: 't' } });
  expect(readDescription(`${text}x-7: 2\n`)).toEqual({
    ok: false,
    problem: 'The text cannot be read as YAML: A map has the same key twice.',
  });
});

test.each([
  ['lists', `a: ${'['.repeat(200_000)}`],
  ['maps', `a: ${'{a: '.repeat(100_000)}`],
  ['blocks', '- '.repeat(100_000)],
])('YAML that nests %s without end is refused with a sentence', (_what, text) => {
  expect(readDescription(text)).toMatchObject({ ok: false, problem: expect.any(String) });
});

test('a credential in the path is named where the description is read', () => {
  const path = (name: string) => ({
    [`/bot{${name}}/send`]: { get: { summary: 'A', parameters: [{ name, in: 'path', schema: {} }], responses: {} } },
  });
  for (const name of ['token', 'bot_token', 'apiKey', 'api-key', 'accessToken', 'secret'])
    expect(readTool(path(name)).warnings).toEqual([
      `Its path has the variable {${name}}, which seems to be a credential: it is an argument that whoever calls the tool has to give, because the agent sends the credential of a server in headers and query parameters only.`,
    ]);
  for (const name of ['tokenId', 'secret_name', 'key', 'id']) expect(readTool(path(name)).warnings).toEqual([]);
});
