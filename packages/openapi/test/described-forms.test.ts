import { expect, test } from 'vitest';

import { readDescription } from '../src/read-description.ts';

/** What is said of the one operation: why it is no tool, else the sentences on it. */
function say(operation: object, facts: object = { openapi: '3.2.0' }, item: object = {}): string {
  const post = { description: 'Does it.', responses: {}, ...operation };
  const read = readDescription(JSON.stringify({ ...facts, info: {}, paths: { '/a': { post, ...item } } }));
  if (!read.ok) return read.problem;
  return read.description.operations.map(({ problem, tool }) => problem ?? tool?.warnings.join(' ') ?? '').join(' ');
}

const string = { type: 'string' };
const object = { type: 'object', additionalProperties: true };
const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';
const describeBody = (type: string, media: object) => ({ requestBody: { content: { [type]: media } } });
const describeMember = (type: string, schema: object, encoding: object) =>
  describeBody(type, { schema: { type: 'object', properties: { m: schema } }, encoding: { m: encoding } });
const asParameter = (more: object) => ({ parameters: [{ name: 'p', in: 'query', required: true, schema: string, ...more }] });

test.for<[what: string, operation: object, said: string]>([
  [
    'a cookie of a session',
    asParameter({ in: 'cookie', name: 'JSESSIONID' }),
    'its cookie parameter "JSESSIONID" seems to be a session or a credential',
  ],
  ['a cookie in another style', asParameter({ in: 'cookie', style: 'cookie' }), 'its cookie parameter "p" has the style cookie'],
  ['a style of no place', asParameter({ style: 'matrix' }), 'its query parameter "p" has the style matrix'],
  [
    'a document',
    asParameter({ schema: undefined, content: { 'application/xml': {} } }),
    'its query parameter "p" is itself a document (application/xml)',
  ],
  [
    'a whole query that is no form',
    asParameter({ in: 'querystring', schema: undefined, content: { 'application/json': {} } }),
    'is sent as a querystring',
  ],
  [
    'a nested object',
    asParameter({ schema: { type: 'object', properties: { a: object } } }),
    'its query parameter "p" is nested',
  ],
  [
    'a spread member',
    describeMember(FORM, object, { style: 'form' }),
    'the member "m" of its form is an object that is sent without a name of its own',
  ],
  ['a style of no form', describeMember(FORM, string, { style: 'matrix' }), 'the member "m" of its form has the style matrix'],
  [
    'XML in a form',
    describeMember(FORM, string, { contentType: 'application/zip' }),
    'the member "m" of its form is application/zip',
  ],
  ['a styled part', describeMember(MULTIPART, object, { style: 'deepObject' }), 'the part "m" of its body has a style'],
  [
    'an object as XML',
    describeMember(MULTIPART, object, { contentType: 'application/xml' }),
    'the part "m" of its body is an object as application/xml',
  ],
  [
    'a header of a part',
    describeMember(MULTIPART, string, { headers: { 'X-A': { schema: string, required: true } } }),
    'has the header "X-A", whose value is not described',
  ],
  [
    'an optional one',
    describeMember(MULTIPART, string, { headers: { 'X-A': { schema: string } } }),
    'has the header "X-A", whose value is not described: it is not sent.',
  ],
  ['parts by order', describeBody(MULTIPART, { schema: object, prefixEncoding: [] }), 'by their order'],
  ['other parts', describeBody('multipart/mixed', {}), 'its body is multipart/mixed, and only'],
  ['a range of types', describeBody('image/*', {}), 'its body is image/*, and only'],
  ['a stream', describeBody('application/jsonl', { itemSchema: object }), 'its body is described item by item (itemSchema)'],
  [
    'several types',
    { requestBody: { content: { 'text/plain': {}, 'application/json': {} } } },
    'Its body can be sent as text/plain, application/json: it is sent as application/json.',
  ],
  [
    'a streamed answer',
    { responses: { 200: { content: { 'application/jsonl': { itemSchema: object } } } } },
    'Its answer is described item by item (itemSchema)',
  ],
  [
    'a server of its own',
    { servers: [{ url: 'https://{r}.example', variables: { r: { default: 'eu' } } }] },
    'it is described to be at https://eu.example, and an API has one base URL',
  ],
])('what is not sent as described is said at import: %s', ([, operation, said]) => {
  expect(say(operation)).toContain(said);
});

test('a member whose name is none, and more forms than are kept, make no tool', () => {
  const file = { type: 'string', format: 'binary' };
  const describeParts = (names: readonly string[]) =>
    say(
      describeBody(MULTIPART, { schema: { type: 'object', properties: Object.fromEntries(names.map((name) => [name, file])) } }),
    );
  expect(describeParts([''])).toContain('a name that nothing is sent under');
  expect(describeParts(['a\0'])).toContain('a name that nothing is sent under');
  expect(describeParts(Array.from({ length: 201 }, (_, index) => `f${index}`))).toContain('more than 200 members');
});

test('methods beyond those of 3.1: QUERY is offered, others are named', () => {
  const facts = { openapi: '3.2.0' };
  const read = readDescription(
    JSON.stringify({
      ...facts,
      info: {},
      paths: { '/a': { query: {}, trace: {}, additionalOperations: { COPY: {}, POST: {} } } },
    }),
  );
  expect(read.ok && read.description.operations.map(({ key, problem, risk }) => [key, problem, risk])).toEqual([
    ['TRACE /a', 'TRACE is a method that is not offered', 'write'],
    ['QUERY /a', null, 'read'],
    ['COPY /a', 'COPY is a method that is not offered', 'write'],
  ]);
});

test('an operation counts as what its words say where that is graver than its method', () => {
  const paths = { '/reminders': { post: { operationId: 'sendReminder' } }, '/orders': { get: { operationId: 'listOrders' } } };
  const read = readDescription(JSON.stringify({ openapi: '3.1.0', info: {}, paths }));
  expect(read.ok && read.description.operations.map(({ name, risk }) => [name, risk])).toEqual([
    ['sendReminder', 'open_world'],
    ['listOrders', 'read'],
  ]);
});

test('an answer is described by 2XX, by default where no success is, and in JSON of any name', () => {
  const content = { 'application/hal+json': { schema: { type: 'object', properties: { a: string } } } };
  const schemas = [{ '2XX': { content } }, { default: { content } }, { 200: {}, default: { content } }].map((responses) => {
    const read = readDescription(JSON.stringify({ openapi: '3.0.0', info: {}, paths: { '/a': { get: { responses } } } }));
    return read.ok && read.description.operations[0]?.tool?.definition.outputSchema !== undefined;
  });
  expect(schemas).toEqual([true, true, false]);
});

test('what only goes the other way is left out, also behind a reference', () => {
  const schema = {
    type: 'object',
    properties: { id: { $ref: '#/components/schemas/Id' }, secret: { type: 'string', writeOnly: true }, a: string },
  };
  const components = { schemas: { Id: { type: 'string', readOnly: true } } };
  const post = {
    ...describeBody('application/json', { schema }),
    responses: { 200: { content: { 'application/json': { schema } } } },
  };
  const read = readDescription(JSON.stringify({ openapi: '3.0.0', info: {}, components, paths: { '/a': { post } } }));
  const definition = read.ok ? read.description.operations[0]?.tool?.definition : undefined;
  expect(definition).toMatchObject({ inputSchema: { properties: { body: { properties: { secret: string, a: string } } } } });
  expect(JSON.stringify(definition?.inputSchema)).not.toContain('"id"');
  expect(definition?.outputSchema).toMatchObject({ properties: { id: string, a: string } });
  expect(JSON.stringify(definition?.outputSchema)).not.toContain('secret');
});

test('Swagger 2.0: what has no form is named, and null is taken as it is meant', () => {
  const facts = {
    swagger: '2.0',
    definitions: { P: { type: 'object', properties: { a: { type: 'string', 'x-nullable': true } } } },
  };
  const list = { name: 'p', in: 'query', required: true, type: 'array', items: string, collectionFormat: 'tsv' };
  expect(say({ parameters: [list] }, facts)).toContain('its query parameter "p" has the style tsv');
  const read = readDescription(
    JSON.stringify({
      ...facts,
      info: {},
      paths: {
        '/a/{id}': {
          parameters: [{ name: 'id', in: 'path', required: true, type: 'integer', minimum: 1 }],
          put: {
            parameters: [{ name: 'b', in: 'body', schema: { $ref: '#/definitions/P' } }],
            responses: { 200: { schema: { $ref: '#/definitions/P' } } },
          },
        },
      },
    }),
  );
  const definition = read.ok ? read.description.operations[0]?.tool?.definition : undefined;
  const body = { properties: { a: { type: ['string', 'null'] } } };
  expect(definition).toMatchObject({
    inputSchema: { properties: { id: { type: 'integer', minimum: 1 }, body } },
    outputSchema: body,
  });
});

test('an operation at another server than its API makes no tool, and one at the same server does, however it is written', () => {
  const place = (servers: object[] | undefined, own: object, root: object[] | undefined) =>
    readDescription(
      JSON.stringify({
        openapi: '3.1.0',
        info: {},
        servers: root,
        paths: { '/a': { servers, get: own }, '/b': { get: { operationId: 'b' } } },
      }),
    );
  const problems = (...given: Parameters<typeof place>) => {
    const read = place(...given);
    return read.ok ? read.description.operations.map(({ problem }) => problem) : [];
  };
  const [here, slash, uploads] = [
    { url: 'https://api.example/v1' },
    { url: 'https://api.example/v1/' },
    { url: 'https://up.example' },
  ];
  expect(problems(undefined, { servers: [uploads] }, [here])).toEqual([expect.stringContaining('https://up.example'), null]);
  expect(problems([uploads], {}, [here])).toEqual([expect.stringContaining('https://up.example'), null]);
  expect(problems([uploads], {}, undefined)).toEqual([expect.stringContaining('https://up.example'), null]);
  // the operation's own counts before that of its path, and one of several is enough
  for (const [servers, own, root] of [
    [[uploads], { servers: [slash] }, [here]],
    [undefined, { servers: [uploads, here] }, [here]],
    [undefined, { servers: [{ url: '/' }] }, undefined],
    [undefined, {}, undefined],
  ] as const) {
    expect(problems(servers && [...servers], own, root && [...root])).toEqual([null, null]);
  }
});
