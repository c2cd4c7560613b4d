import { expect, test } from 'vitest';

import { findRestOperation } from '@gatehouse/policy/documents/rest-operation';

import { readDescription } from '../src/read-description.ts';

const string = { type: 'string' };
const FORM = 'application/x-www-form-urlencoded';

interface Operation {
  parameters?: object[];
  /** of the path */
  shared?: object[];
  body?: object;
}

/** What is said of the one operation of a description: names that are sent, each with its place, and what was told. */
function read({ parameters = [], shared = [], body }: Operation) {
  const requestBody = body && { required: true, content: { [FORM]: { schema: body } } };
  const post = { summary: 'Sends it', parameters, ...(requestBody ? { requestBody } : {}), responses: {} };
  const paths = { '/orders': { parameters: shared, post } };
  const result = readDescription(JSON.stringify({ openapi: '3.1.0', info: { title: 'Shop', version: '1' }, paths }));
  if (!result.ok) throw new Error(result.problem);
  const [operation] = result.description.operations;
  const rest = operation?.tool && findRestOperation(operation.tool.definition);
  return {
    problem: operation?.problem,
    sent: rest?.parameters.map(({ in: place, name }) => `${place} ${name}`),
    told: operation?.tool?.warnings,
  };
}

const define = (name: unknown, place: string, more: object = {}) => ({ name, in: place, schema: string, ...more });
const makeObject = (properties: object, more: object = {}) => ({ schema: { type: 'object', properties, ...more } });

test('T-56: a name that stands twice at one place is told, and sent once', () => {
  expect(read({ parameters: [define('status', 'query'), define('status', 'query')] })).toEqual({
    problem: null,
    sent: ['query status'],
    told: ['Its query parameter "status" is described twice in one list: only the last of the two descriptions counts.'],
  });
  expect(read({ parameters: [define('X-Note', 'header'), define('x-note', 'header', { required: true })] })).toEqual({
    problem: null,
    sent: ['header x-note'],
    told: ['Its header parameter "X-Note" is described twice in one list: only the last of the two descriptions counts.'],
  });
  expect(read({ parameters: [define('X-Note', 'header'), define('X_Note', 'header')] })).toEqual({
    problem: null,
    sent: ['header X-Note'],
    told: ['Left out, because its header parameter "X_Note" has the name of "X-Note" to some servers.'],
  });
  expect(read({ parameters: [define('status', 'query'), define('Status[]', 'query', { required: true })] }).problem).toBe(
    'its query parameter "Status[]" has the name of "status" to some servers',
  );
});

test('what an operation says of a parameter counts instead of what its path says, and is no second one', () => {
  const shared = [define('X-Note', 'header'), define('status', 'query')];
  const parameters = [define('x-note', 'header'), define('status', 'query')];
  expect(read({ shared, parameters })).toEqual({ problem: null, sent: ['header x-note', 'query status'], told: [] });
});

test('T-56: a member whose name another parameter sends is told with its parameter and place', () => {
  const spread = define('extra', 'query', makeObject({ status: string, Page: string, free: string }));
  const deep = define('filter', 'query', { ...makeObject({ state: string, other: string }), style: 'deepObject' });
  const parameters = [define('Status', 'query'), spread, define('more', 'query', makeObject({ page: string })), deep];
  const told = read({
    parameters: [...parameters, define('filter[state]', 'query')],
    body: makeObject({ note: string, Note: string }).schema,
  });
  expect(told.problem).toBeNull();
  expect(told.told).toEqual([
    'A call that fills "status" of its query parameter "extra" is refused, because some servers take it for its query parameter "Status".',
    'A call that fills "page" of its query parameter "more" and "Page" of its query parameter "extra" is refused, because some servers take both for one.',
    'A call that fills "state" of its query parameter "filter" is refused, because some servers take it for its query parameter "filter[state]".',
    'A call that fills "Note" of its body and "note" of its body is refused, because some servers take both for one.',
  ]);
  const both = makeObject({ note: string, Note: string }, { required: ['note', 'Note'] }).schema;
  expect(read({ body: both }).problem).toBe(
    '"Note" of its body is required and can never be sent, because some servers take it for "note" of its body',
  );
  const forced = define('extra', 'query', { ...makeObject({ status: string }, { required: ['status'] }), required: true });
  expect(read({ parameters: [define('status', 'query'), forced] }).problem).toContain(
    '"status" of its query parameter "extra" is required',
  );
});

test('T-56: a name that is none is left out where it is optional, and the reason where it is required', () => {
  for (const [name, words] of [
    ['a\0b', 'its query parameter "a?b" has NUL in its name, where the name ends to some servers'],
    ['status%2500', 'its query parameter "status%2500" has NUL in its name, where the name ends to some servers'],
    ['\uD800', 'its query parameter "\uFFFD" has half of a character in its name'],
    ['', 'a query parameter has no name'],
    [' ', 'a query parameter has no name'],
    [7, 'a query parameter has no name'],
  ] as const) {
    const told = read({ parameters: [define('q', 'query'), define(name, 'query')] });
    expect(told, words).toEqual({ problem: null, sent: ['query q'], told: [`Left out, because ${words}.`] });
    expect(read({ parameters: [define(name, 'query', { required: true })] }).problem).toBe(words);
  }
  const members = define('extra', 'query', makeObject({ 'a%00': string, '': string }));
  expect(read({ parameters: [members] }).told).toEqual([
    'A call that fills "a%00" of its query parameter "extra" is refused, because this member has NUL in its name, where the name ends to some servers.',
    'A call that fills "" of its query parameter "extra" is refused, because this member has an empty name.',
  ]);
});

test('T-56: `__proto__` and its like are names like any other, also twice', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    expect(read({ parameters: [define(name, 'query'), define(name, 'header')] })).toMatchObject({
      problem: null,
      sent: [`query ${name}`, `header ${name}`],
      told: [],
    });
    expect(read({ parameters: [define(name, 'query'), define(name, 'query')] }).told).toHaveLength(1);
    const members = define('extra', 'query', {
      schema: JSON.parse(`{"type":"object","properties":{"${name}":{"type":"string"}}}`) as unknown,
    });
    const { told, problem } = read({ parameters: [define(name, 'query'), members] });
    const expected = `A call that fills "${name}" of its query parameter "extra" is refused`;
    expect(told?.join() ?? problem, name).toContain(name === '__proto__' ? 'it has the key "__proto__"' : expected);
  }
});

test('as many sentences are told as somebody reads, and how many more there are', () => {
  const names = Array.from({ length: 40 }, (_none, at) => `a${at}`);
  const members = (key: (name: string) => string) => makeObject(Object.fromEntries(names.map((name) => [key(name), string])));
  const parameters = [
    define(
      'one',
      'query',
      members((name) => name),
    ),
    define(
      'two',
      'query',
      members((name) => name.toUpperCase()),
    ),
  ];
  const { told = [] } = read({ parameters });
  expect(told).toHaveLength(11);
  expect(told.at(-1)).toBe('30 more of its members are refused for such a reason.');
});
