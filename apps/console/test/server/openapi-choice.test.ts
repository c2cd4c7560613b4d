import { expect, test } from 'vitest';

import { EMPTY_ROW } from '../../src/features/server/form/credential-form.ts';
import {
  findBaseUrlProblem,
  groupByTag,
  matchesFilter,
  NO_TAG,
  type Operation,
  describeSelection,
  suggestBaseUrl,
  withKeys,
} from '../../src/features/server/openapi/openapi-choice.ts';
import {
  EMPTY_OPENAPI_FORM,
  OpenapiForm,
  toCredentialRows,
  toRestTransport,
} from '../../src/features/server/openapi/openapi-form.ts';
import { listFormProblems } from './form-problems.ts';

const listProblems = (form: OpenapiForm) => listFormProblems(OpenapiForm, form);

function makeOperation(key: string, overrides: Partial<Operation> = {}): Operation {
  const [method = '', path = ''] = key.split(' ');
  const name = `${method.toLowerCase()}${path.replaceAll('/', '_')}`;
  return {
    key,
    method,
    path,
    name,
    summary: null,
    tags: [],
    deprecated: false,
    risk: 'read',
    tokens: 100,
    warnings: [],
    problem: null,
    ...overrides,
  };
}

const LIST = makeOperation('GET /orders', { tags: ['orders', 'lists'], summary: 'List orders' });
const ADD = makeOperation('POST /orders', { tags: ['orders'], tokens: 1_234 });
const PING = makeOperation('GET /ping');
const LOST = makeOperation('POST /file', { tokens: null, problem: 'its body is multipart/form-data' });
const ALL = [LIST, PING, ADD, LOST];

test('operations stand under their first tag, in the order of the description', () => {
  expect(groupByTag([LIST, PING, ADD]).map(({ tag, operations }) => [tag, operations.map(({ key }) => key)])).toEqual([
    ['orders', ['GET /orders', 'POST /orders']],
    [NO_TAG, ['GET /ping']],
  ]);
});

test('a filter finds every word somewhere', () => {
  const found = (filter: string) => ALL.filter((each) => matchesFilter(each, filter)).map(({ key }) => key);
  expect(found('orders get')).toEqual(['GET /orders']);
  expect(found('LISTS')).toEqual(['GET /orders']);
  expect(found('post_orders')).toEqual(['POST /orders']);
  expect(found('nothing')).toEqual([]);
});

test('the summary counts what can be chosen and what is chosen', () => {
  expect(describeSelection(ALL, new Set())).toBe('0 of 3 selected');
  expect(describeSelection(ALL, new Set(['GET /orders', 'POST /orders', 'GET /gone']))).toBe(
    '2 of 3 selected · about 1,334 tokens',
  );
});

test('keys are put into a selection and taken out, and the old one stays as it was', () => {
  const before = new Set(['a', 'b']);
  expect([...withKeys(before, ['b', 'c'], true)]).toEqual(['a', 'b', 'c']);
  expect([...withKeys(before, ['b', 'c'], false)]).toEqual(['a']);
  expect([...before]).toEqual(['a', 'b']);
});

test('the base URL is suggested from the description, made whole by where it was read', () => {
  expect(suggestBaseUrl(['https://api.github.com/'], null)).toBe('https://api.github.com');
  expect(suggestBaseUrl(['/v2'], 'https://shop.example/openapi.json')).toBe('https://shop.example/v2');
  expect(suggestBaseUrl(['/v2'], null)).toBe('');
  expect(suggestBaseUrl(['https://{region}.example', 'javascript:1', 'https://eu.example/v1'], null)).toBe(
    'https://eu.example/v1',
  );
});

test('a base URL holds no password, no query and no fragment', () => {
  expect(findBaseUrlProblem('https://api.example/v1')).toBeNull();
  for (const wrong of [
    '',
    'api.example',
    'ftp://api.example',
    'https://a:b@api.example',
    'https://api.example?x=1',
    'https://api.example#x',
  ]) {
    expect(findBaseUrlProblem(wrong), wrong).not.toBeNull();
  }
});

test('the form says what is missing and becomes a transport', () => {
  expect(Object.keys(listProblems(EMPTY_OPENAPI_FORM)).toSorted()).toEqual(['agentId', 'baseUrl', 'name', 'purpose']);
  const form = {
    ...EMPTY_OPENAPI_FORM,
    name: 'Shop',
    purpose: 'Orders',
    baseUrl: 'https://shop.example',
    agentId: 'a',
    withCredential: true,
    credentials: [{ ...EMPTY_ROW, reference: 'env:TOKEN' }],
  };
  expect(listProblems(form)).toEqual({});
  const pasted = [{ ...EMPTY_ROW, reference: 'ghp_0123456789abcdef01' }];
  expect(listProblems({ ...form, credentials: pasted })['credentials.0.reference']).toContain('secret itself');
  expect(toRestTransport(form)).toEqual({
    kind: 'rest',
    baseUrl: 'https://shop.example',
    credential: { kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference: 'env:TOKEN' },
  });
});

test('what a description asks for stands in the form, with the places of the secrets still to be named', () => {
  const rows = toCredentialRows({
    security: {
      credentials: [
        { kind: 'query', parameter: 'key' },
        { kind: 'header', header: 'Cookie', prefix: 'sid=' },
        { kind: 'client_credentials', tokenUrl: 'https://login.example/token', scope: 'a b' },
      ],
      notes: [],
    },
  });
  expect(rows).toEqual([
    { ...EMPTY_ROW, credentialKind: 'query', parameter: 'key' },
    { ...EMPTY_ROW, credentialKind: 'header', header: 'Cookie', prefix: 'sid=' },
    { ...EMPTY_ROW, credentialKind: 'client_credentials', tokenUrl: 'https://login.example/token', scope: 'a b' },
  ]);
});
