import { expect, test } from 'vitest';

import { readDescription } from '../src/read-description.ts';

const get = (security?: unknown) => ({ get: { responses: {}, ...(security !== undefined && { security }) } });

function read(securitySchemes: object, security: unknown, paths: object = { '/orders': get() }) {
  const text = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'A', version: '1' },
    security,
    components: { securitySchemes },
    paths,
  });
  const parsed = readDescription(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.description.security;
}

const makeKey = (name: string, place: string) => ({ type: 'apiKey', name, in: place });

test.each<[string, object, object]>([
  ['a bearer token', { type: 'http', scheme: 'Bearer' }, { kind: 'bearer' }],
  ['basic', { type: 'http', scheme: 'basic' }, { kind: 'basic' }],
  ['a key in a header', makeKey('api_key', 'header'), { kind: 'header', header: 'api_key', prefix: '' }],
  ['a key in the query', makeKey('key', 'query'), { kind: 'query', parameter: 'key' }],
  ['a key in a cookie', makeKey('sid', 'cookie'), { kind: 'header', header: 'Cookie', prefix: 'sid=' }],
  [
    'client credentials',
    { type: 'oauth2', flows: { clientCredentials: { tokenUrl: 'https://login.example/token', scopes: {} }, implicit: {} } },
    { kind: 'client_credentials', tokenUrl: 'https://login.example/token', scope: 'read write' },
  ],
  [
    'a token address that is not whole',
    { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/token' } } },
    { kind: 'client_credentials', tokenUrl: '', scope: 'read write' },
  ],
])('%s is sent as described', (_, scheme, credential) => {
  expect(read({ one: scheme }, [{ one: ['read', 'write'] }])).toEqual({ credentials: [credential], notes: [] });
});

test.each<[string, object, string]>([
  ['digest', { type: 'http', scheme: 'digest' }, 'it is HTTP authentication of the kind "digest"'],
  ['a person', { type: 'oauth2', flows: { implicit: {} } }, 'it signs in a person by OAuth'],
  ['OpenID', { type: 'openIdConnect' }, 'it signs in a person by OpenID Connect'],
  ['a certificate', { type: 'mutualTLS' }, 'it is a certificate of the client'],
  ['a header of the connection', makeKey('Host', 'header'), 'its header is none that a credential is sent in'],
  ['a parameter that is none', makeKey('a b', 'query'), 'its parameter has a name that no credential is sent under'],
  [
    'a key in the path',
    makeKey('token', 'path'),
    'it is a part of the path, and the agent sends a credential in headers and query',
  ],
  ['a cookie that is none', makeKey('a;b', 'cookie'), 'its cookie has a name that is not sent'],
  ['no place', makeKey('a', 'body'), 'its place "body" is unknown'],
  ['no type', {}, 'its type "" is unknown'],
  ['elsewhere', { $ref: 'other.yaml#/a' }, 'it refers to another document, and nothing is fetched'],
])('%s is named as not supported', (_, scheme, why) => {
  const { credentials, notes } = read({ one: scheme }, [{ one: [] }]);
  expect(credentials).toEqual([]);
  expect(notes[0]).toContain('The security scheme "one" is not supported: ');
  expect(notes[0]).toContain(why);
  expect(notes[1]).toBe('One operation asks for other credentials than this server is sent, and may be refused: GET /orders.');
});

test('schemes that are asked for together go together, and of alternatives the first that can be sent is', () => {
  const schemes = {
    app: makeKey('X-App', 'header'),
    user: makeKey('token', 'query'),
    digest: { type: 'http', scheme: 'digest' },
  };
  expect(read(schemes, [{ digest: [] }, { app: [], user: [] }, { app: [] }])).toEqual({
    credentials: [
      { kind: 'header', header: 'X-App', prefix: '' },
      { kind: 'query', parameter: 'token' },
    ],
    notes: ['The security scheme "digest" is not supported: it is HTTP authentication of the kind "digest".'],
  });
});

test('two cookies are two credentials of one header', () => {
  const schemes = { one: makeKey('a', 'cookie'), other: makeKey('b', 'cookie') };
  expect(read(schemes, [{ one: [], other: [] }])).toEqual({
    credentials: [
      { kind: 'header', header: 'Cookie', prefix: 'a=' },
      { kind: 'header', header: 'Cookie', prefix: 'b=' },
    ],
    notes: [],
  });
});

test.each<[string, object, object]>([
  ['Authorization', { type: 'http', scheme: 'bearer' }, { type: 'http', scheme: 'basic' }],
  ['one header in two spellings', makeKey('X-Key', 'header'), makeKey('x_key', 'header')],
  ['one cookie', makeKey('a', 'cookie'), makeKey('a', 'cookie')],
])('what is asked for in one place twice is named: %s', (_, one, other) => {
  const { credentials, notes } = read({ one, other }, [{ one: [], other: [] }]);
  expect(credentials).toEqual([]);
  expect(notes[0]).toContain('"other" is not supported: another scheme that is asked for with it is sent in the same place');
});

test('operations that ask for something else are named, those that ask for nothing or less are not', () => {
  const schemes = { app: makeKey('X-App', 'header'), admin: makeKey('X-Admin', 'header') };
  const paths = {
    '/orders': get(),
    '/shops': get(),
    '/health': get([]),
    '/optional': get([{}, { admin: [] }]),
    '/users': get([{ admin: [] }]),
    '/unknown': get([{ missing: [] }]),
  };
  expect(read(schemes, [{ app: [] }], paths)).toEqual({
    credentials: [{ kind: 'header', header: 'X-App', prefix: '' }],
    notes: [
      'The security scheme "missing" is not supported: the description does not say what it is.',
      '2 operations ask for other credentials than this server is sent, and may be refused: GET /users, GET /unknown.',
    ],
  });
});

test('one token has the scopes of all operations', () => {
  const flows = { clientCredentials: { tokenUrl: 'https://login.example/token' } };
  const paths = { '/a': get([{ o: ['read'] }]), '/b': get([{ o: ['write', 'read'] }]) };
  expect(read({ o: { type: 'oauth2', flows } }, undefined, paths).credentials).toEqual([
    { kind: 'client_credentials', tokenUrl: 'https://login.example/token', scope: 'read write' },
  ]);
});

test('a description that asks for nothing, or nonsense, is sent nothing', () => {
  for (const security of [undefined, [], 'no', [7], [{}]]) expect(read({}, security)).toEqual({ credentials: [], notes: [] });
});

test('Swagger 2.0 has its own words for it', () => {
  const described = {
    swagger: '2.0',
    info: { title: 'A', version: '1' },
    security: [{ basic: [], key: [], o: ['a'] }],
    securityDefinitions: {
      basic: { type: 'basic' },
      key: makeKey('k', 'query'),
      o: { type: 'oauth2', flow: 'application', tokenUrl: 'https://login.example/token' },
    },
    paths: { '/orders': get(), '/tokens': get([{ key: [], o: ['a'] }]), '/more': get([{ o: ['b'], key: [] }]) },
  };
  const parsed = readDescription(JSON.stringify(described));
  expect(parsed.ok && parsed.description.security.credentials).toEqual([
    { kind: 'query', parameter: 'k' },
    { kind: 'client_credentials', tokenUrl: 'https://login.example/token', scope: 'a b' },
  ]);
});
