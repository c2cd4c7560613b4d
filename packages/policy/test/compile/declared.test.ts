import { expect, test } from 'vitest';

import { findAdvertisedNameProblem } from '../../src/compile/advertised-name.ts';
import { readDeclaredArguments } from '../../src/compile/declared-arguments.ts';
import { listDeclaredMembers, listDeclaredNames } from '../../src/compile/declared-names.ts';
import { compileDoubleCheck } from '../../src/compile/double-check.ts';
import { NameLedger } from '../../src/compile/name-ledger.ts';
import { findClashingMembers, writeDeepName } from '../../src/compile/sent-names.ts';
import type { JsonObject } from '../../src/documents/json.ts';
import type { ArgumentRule } from '../../src/documents/profile.ts';
import { RestOperation } from '../../src/documents/rest-operation.ts';

test.each([
  ['get_order', null],
  ['x'.repeat(64), null],
  ['x'.repeat(65), 'name_too_long'],
  ['a.b-c_D9', null],
  ['', 'name_invalid'],
  ['a b', 'name_invalid'],
  ['a/b', 'name_invalid'],
  ['ä', 'name_invalid'],
  ['a\n', 'name_invalid'],
])('a client may be shown a tool as %j: %s', (name, problem) => expect(findAdvertisedNameProblem(name)).toBe(problem));

const a = { properties: { a: {} } };
const b = { properties: { b: {} } };

test.each<[string, JsonObject, string[], open: boolean, composed: boolean]>([
  ['some', a, ['a'], false, false],
  ['nothing at all', {}, [], true, false],
  ['none, and no others', { additionalProperties: false }, [], false, false],
  ['none by name', { properties: {} }, [], false, false],
  ['others as well', { ...a, additionalProperties: true }, ['a'], true, false],
  ['others of a form', { ...a, additionalProperties: { type: 'string' } }, ['a'], true, false],
  ['no others', { ...a, additionalProperties: false }, ['a'], false, false],
  ['others in the newer form', { ...a, unevaluatedProperties: {} }, ['a'], true, false],
  ['no others in the newer form', { ...a, unevaluatedProperties: false }, ['a'], false, false],
  ['others by their name', { ...a, patternProperties: { '^x': {} } }, ['a'], true, false],
  ['some in alternatives', { anyOf: [a, b] }, ['a', 'b'], false, true],
  ['some in alternatives that exclude each other', { ...a, oneOf: [b] }, ['a', 'b'], false, true],
  ['some all at once', { allOf: [b, a] }, ['b', 'a'], false, true],
  [
    'some under a condition',
    JSON.parse('{"then":{"properties":{"a":{}}},"else":{"properties":{"b":{}}}}'),
    ['a', 'b'],
    false,
    true,
  ],
  [
    'some that depend on others',
    { dependentSchemas: { x: a }, dependencies: { y: b, z: ['w'] } },
    ['a', 'b', 'z', 'w'],
    false,
    true,
  ],
  ['one that has to come', { properties: {}, required: ['q'] }, ['q'], false, false],
  ['one that has to come, beside others', { ...a, required: ['q', 'a'] }, ['a', 'q'], false, false],
  ['one that has to come with another', { ...a, dependentRequired: { a: ['q'] } }, ['a', 'q'], false, false],
  ['one that has to come in an alternative', { anyOf: [a, { required: ['q'] }] }, ['a', 'q'], false, true],
  ['one that has to come, and others as well', { additionalProperties: true, required: ['q'] }, ['q'], true, false],
  ['one that has to come, and others by their name', { patternProperties: { '^x': {} }, required: ['q'] }, ['q'], true, false],
  ['one that has to come, and says nothing else', { required: ['q'] }, ['q'], true, false],
  ['one that must not come', { ...a, not: { required: ['q'] } }, ['a'], false, false],
  ['some behind a reference', { $ref: '#/$defs/a', $defs: { a } }, ['a'], false, true],
  ['some behind a loop', { ...a, allOf: [{ $ref: '#' }] }, ['a'], false, true],
  [
    'others behind a reference',
    { ...a, allOf: [{ $ref: '#/$defs/x' }], $defs: { x: { additionalProperties: true } } },
    ['a'],
    true,
    true,
  ],
  ['what stands in a condition is asked, not declared', { if: a, not: b }, [], true, false],
  ['what stands in a member is not its own', { properties: { a: b } }, ['a'], false, false],
  [
    'names of every object',
    { properties: JSON.parse('{"__proto__":{},"constructor":{}}') },
    ['__proto__', 'constructor'],
    false,
    false,
  ],
])('a schema declares %s', (_name, schema, names, open, composed) => {
  const declared = readDeclaredArguments(schema);
  expect([[...declared.names], declared.open, declared.composed]).toEqual([names, open, composed]);
});

/** Written as an import writes it. */
const makeOperation = (parts: object): RestOperation =>
  RestOperation.parse({ method: 'POST', path: '/x', parameters: [], body: null, responses: [], ...parts });
const makeQuery = (argument: string, more: object = {}) => ({
  in: 'query',
  argument,
  name: argument,
  style: 'form',
  explode: false,
  ...more,
});
const makeBody = (kind: string) => ({ argument: 'body', kind, mediaType: 'application/json' });
const SCHEMA = {
  type: 'object',
  properties: { filter: { properties: { status: {}, owner: {} } }, body: { allOf: [{ properties: { status: {} } }] }, id: {} },
};

test.each<[string, object, string[]]>([
  ['of a parameter', { parameters: [makeQuery('id')] }, ['query id of id']],
  [
    'of members that are sent under their own names',
    { parameters: [makeQuery('filter', { explode: true })] },
    ['query filter of filter', 'query status of filter.status', 'query owner of filter.owner'],
  ],
  [
    'not of those that stand inside of the name',
    { parameters: [makeQuery('filter', { explode: true, style: 'deepObject' })] },
    ['query filter of filter'],
  ],
  [
    'not of those in a JSON text',
    { parameters: [makeQuery('filter', { explode: true, content: 'json' })] },
    ['query filter of filter'],
  ],
  [
    'of those that no parameter has',
    { parameters: [makeQuery('filter', { explode: true }), makeQuery('id', { name: 'STATUS' })] },
    ['query filter of filter', 'query STATUS of id', 'query owner of filter.owner'],
  ],
  ['of a body', { body: makeBody('json') }, ['body status of body.status']],
  [
    'of a form',
    { body: { ...makeBody('form'), mediaType: 'application/x-www-form-urlencoded' } },
    ['body status of body.status'],
  ],
  ['not of a text', { body: { ...makeBody('text'), mediaType: 'text/plain' } }, []],
])('an operation declares names: %s', (_name, parts, names) => {
  const listed = listDeclaredNames(makeOperation(parts), SCHEMA);
  expect(
    listed.map(({ place, name, argument, member }) => `${place} ${name} of ${argument}${member === null ? '' : `.${member}`}`),
  ).toEqual(names);
});

test.each([
  ['filter', ['status', 'owner']],
  ['body', ['status']],
  ['id', []],
  ['none', []],
  ['constructor', []],
])('the members of the argument %s are %j', (argument, names) => expect(listDeclaredMembers(SCHEMA, argument)).toEqual(names));

const two = makeOperation({ parameters: [makeQuery('tenant')], body: makeBody('json') });
const OWN = { type: 'object', properties: { tenant: {}, other: {}, body: { properties: { tenant: {}, note: {} } } } };

test.each<[string, RestOperation, ArgumentRule[], object, string | null]>([
  [
    'the same name at another place',
    two,
    [{ kind: 'pin', argument: '/tenant', value: 'a' }],
    { body: { tenant: 'b' } },
    'body.tenant',
  ],
  [
    'the same name in another spelling',
    makeOperation({ parameters: [makeQuery('tenant'), makeQuery('other', { name: 'tenant.x' })] }),
    [{ kind: 'hide', argument: '/tenant' }],
    { other: 1 },
    'other',
  ],
  ['another name', two, [{ kind: 'hide', argument: '/tenant' }], { body: { note: 'b' } }, null],
  ['nothing is sent there', two, [{ kind: 'hide', argument: '/tenant' }], { body: {} }, null],
  ['the one with the rule', two, [{ kind: 'hide', argument: '/tenant' }], { tenant: 1 }, null],
  [
    'both have a rule',
    two,
    [
      { kind: 'hide', argument: '/tenant' },
      { kind: 'restrict', argument: '/body/tenant', values: [1] },
    ],
    { body: { tenant: 1 } },
    null,
  ],
  ['no rule', two, [], { tenant: 1, body: { tenant: 1 } }, null],
])('beside a rule nothing is sent a second time: %s', (_name, of, rules, args, named) => {
  const check = compileDoubleCheck(listDeclaredNames(of, OWN), rules, of.body?.kind);
  const problem =
    named === null ? null : `"${named}" must be left out: this profile has a rule for another argument of that name.`;
  expect(check({ ...args })).toBe(problem);
});

const makeLedger = () =>
  new NameLedger([
    { place: 'query', name: 'id', argument: 'id', member: null },
    { place: 'query', name: 'filter[status]', argument: 'filter', member: 'status' },
    { place: 'query', name: '_method', argument: 'verb', member: '_method' },
  ]);
const makeSent = (argument: string, name: string, place: 'query' | 'body' = 'query') => ({ place, argument, member: name, name });

test.each<[string, string, string, string | null]>([
  ['a name of its own', 'args', 'page', null],
  ['a declared name', 'args', 'id', 'declared'],
  ['a declared name in another spelling', 'args', 'ID[]', 'declared'],
  ['inside of a declared name', 'args', 'id[x]', 'declared'],
  ['around a declared name', 'args', 'filter', 'declared'],
  ['its own declared name', 'filter', 'status', null],
  ['the method', 'args', '_method', 'declared'],
  ['the method in another spelling', 'args', 'X-HTTP-Method-Override', 'method'],
  ['a declared method of its own', 'verb', '_method', null],
  ['no name', 'args', '', 'fault'],
  ['half of a character', 'args', '\uD800', 'fault'],
  ['a NUL', 'args', 'a%00b', 'fault'],
])('a member is sent under %s', (_name, argument, name, kind) => {
  expect(makeLedger().take(makeSent(argument, name))?.kind ?? null).toBe(kind);
  expect(makeLedger().findClash(makeSent(argument, name))?.kind ?? null).toBe(kind);
});

test('a name is taken once, at both places, and so is what stands inside or around it', () => {
  const names = makeLedger();
  const [first] = [makeSent('args', 'a[b]')];
  expect(names.take(first)).toBeNull();
  for (const name of ['a[b]', 'A.B', 'a_b', 'a[b][c]', 'a'])
    for (const place of ['query', 'body'] as const)
      expect(names.take(makeSent('more', name, place))).toEqual({ kind: 'sent', other: first });
  expect(names.findClash(makeSent('more', 'a[c]'))).toBeNull();
});

test.each([
  ['filter', [], 'filter'],
  ['filter', ['status'], 'filter[status]'],
  ['filter', ['a', 'b'], 'filter[a][b]'],
])('%s and %j are written %s', (name, path, written) => expect(writeDeepName(name, path)).toBe(written));

test.each<[string, object, Record<string, string[][]>, string[]]>([
  [
    'members of two arguments under one name',
    { parameters: [makeQuery('a', { explode: true }), makeQuery('b', { explode: true })] },
    { a: [['x']], b: [['x']] },
    ['b.x sent'],
  ],
  [
    'a member under the name of a parameter',
    { parameters: [makeQuery('a', { explode: true }), makeQuery('x')] },
    { a: [['x']] },
    ['a.x declared'],
  ],
  [
    'members that stand inside of their argument',
    { parameters: [makeQuery('a', { explode: true, style: 'deepObject' })] },
    { a: [['x'], ['y', 'z']] },
    [],
  ],
  [
    'the same one twice',
    { parameters: [makeQuery('a', { explode: true, style: 'deepObject' })] },
    { a: [['x'], ['X']] },
    ['a.X sent'],
  ],
  ['members of a JSON body, which are data', { body: makeBody('json') }, { body: [['x'], ['X'], ['']] }, []],
  [
    'a member of a JSON body under the name of a parameter',
    { parameters: [makeQuery('x')], body: makeBody('json') },
    { body: [['x']] },
    ['body.x declared'],
  ],
  [
    'members of a form',
    { body: { ...makeBody('form'), mediaType: 'application/x-www-form-urlencoded' } },
    { body: [['x'], ['X']] },
    ['body.X sent'],
  ],
  ['what is no object with names', { body: { ...makeBody('text'), mediaType: 'text/plain' } }, { body: [['x'], ['X']] }, []],
])('clashing names: %s', (_name, parts, members, clashes) => {
  const found = findClashingMembers(makeOperation(parts), { type: 'object' }, (argument) => members[argument] ?? []);
  expect(found.map(({ argument, member, clash }) => `${argument}.${member} ${clash.kind}`)).toEqual(clashes);
});
