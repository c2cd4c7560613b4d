import { expect, test } from 'vitest';

import { compileCallCheck } from '../../src/compile/call-check.ts';
import type { JsonObject } from '../../src/documents/json.ts';
import type { ArgumentForms, ArgumentRule } from '../../src/documents/profile.ts';

/** `change`: rule and path when the profile puts it right, null when it was right before, 'refused' when it stays refused. */
type Row = [what: string, place: unknown, came: unknown, sent: unknown, change: string | null];

const check = (schema: object, args: JsonObject, argumentForms: ArgumentForms, rules: ArgumentRule[] = []) =>
  compileCallCheck({ type: 'object', ...schema }, rules, { settings: { argumentForms, undeclaredArguments: 'refuse' } })(args);

const GONE = Symbol('dropped');
const LENIENT: Row[] = [
  ['null for an optional text', { type: 'string' }, null, GONE, 'null_dropped /a'],
  ['null for an optional number', { type: 'integer', default: 10 }, null, GONE, 'null_dropped /a'],
  ['null for an optional enumeration', { enum: ['x', 'y'] }, null, GONE, 'null_dropped /a'],
  ['null where null is taken', { type: ['string', 'null'] }, null, null, null],
  ['null where an alternative takes it', { anyOf: [{ type: 'string' }, { type: 'null' }] }, null, null, null],
  ['null where OpenAPI takes it', { type: 'string', nullable: true }, null, null, null],
  ['null in a list', { type: 'array', items: { type: 'string' } }, [null], undefined, 'refused'],
  ['a whole number as text', { type: 'integer' }, '5', 5, 'text_read /a'],
  ['a negative one', { type: 'integer' }, '-5', -5, 'text_read /a'],
  ['one beside null', { type: ['integer', 'null'] }, '5', 5, 'text_read /a'],
  ['one in another word', { type: 'int' }, '5', 5, 'text_read /a'],
  ['one of an enumeration', { enum: [5, 6] }, '5', 5, 'text_read /a'],
  ['one outside of an enumeration', { enum: [5, 6] }, '7', undefined, 'refused'],
  ['one that is too large', { type: 'integer', maximum: 4 }, '5', undefined, 'refused'],
  ['one behind a reference', { $ref: '#/$defs/n' }, '5', 5, 'text_read /a'],
  ['one behind alternatives', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, '5', 5, 'text_read /a'],
  ['one in an object', { type: 'object', properties: { b: { type: 'integer' } } }, { b: '5' }, { b: 5 }, 'text_read /a/b'],
  [
    'one under a key of the caller',
    { type: 'object', additionalProperties: { type: 'integer' } },
    { k: '5' },
    { k: 5 },
    'text_read /a/*',
  ],
  ['one in a list', { type: 'array', items: { type: 'integer' } }, ['5', 6, '7'], [5, 6, 7], 'text_read /a/*'],
  ['a fraction as text', { type: 'number' }, '12.50', 12.5, 'text_read /a'],
  ['a fraction for a whole number', { type: 'integer' }, '5.5', undefined, 'refused'],
  ['a text with a fraction of nothing', { type: 'integer' }, '5.0', undefined, 'refused'],
  ['more digits than a number keeps', { type: 'integer' }, '725653563933458437', undefined, 'refused'],
  ['more digits behind the point', { type: 'number' }, '0.12345678901234567890', undefined, 'refused'],
  ['leading noughts', { type: 'integer' }, '007', undefined, 'refused'],
  ['blanks', { type: 'integer' }, ' 5', undefined, 'refused'],
  ['no digits', { type: 'integer' }, '', undefined, 'refused'],
  ['hexadecimal digits', { type: 'integer' }, '0x10', undefined, 'refused'],
  ['true as text', { type: 'boolean' }, 'true', true, 'text_read /a'],
  ['false as text', { type: ['boolean', 'null'] }, 'false', false, 'text_read /a'],
  ['yes', { type: 'boolean' }, 'yes', undefined, 'refused'],
  ['a number for a boolean', { type: 'boolean' }, '1', undefined, 'refused'],
  ['a text that a text may be', { type: 'string' }, '5', '5', null],
  ['a text that one alternative takes', { anyOf: [{ type: 'integer' }, { type: 'string' }] }, '5', '5', null],
  ['a text where everything is taken', {}, '5', '5', null],
  ['a text with two readings', { type: ['integer', 'boolean'] }, '5', undefined, 'refused'],
  ['a number for a text', { type: 'string' }, 5, undefined, 'refused'],
  ['a list as JSON text', { type: 'array' }, '["x"]', undefined, 'refused'],
];
const COMPLETE: Row[] = [
  ...LENIENT.filter(([what]) => what !== 'a list as JSON text'),
  ['a list as JSON text', { type: 'array', items: { type: 'string' } }, '["x"]', ['x'], 'json_read /a'],
  ['an object as JSON text', { type: 'object' }, '{"b":1}', { b: 1 }, 'json_read /a'],
  ['a list for an object', { type: 'object' }, '[]', undefined, 'refused'],
  ['broken JSON', { type: 'object' }, '{"b":', undefined, 'refused'],
  ['JSON text that a text may be', { type: ['object', 'string'] }, '{"b":1}', '{"b":1}', null],
  ['JSON text with a number that would change', { type: 'array' }, '[725653563933458437]', undefined, 'refused'],
  ['JSON text with half of a character', { type: 'object' }, String.raw`{"b":"\ud800"}`, undefined, 'refused'],
  ['JSON text with half of one in a key of a list', { type: 'array' }, String.raw`[{"\udc00x":1}]`, undefined, 'refused'],
  ['JSON text with a whole character', { type: 'object' }, String.raw`{"b":"\ud83d\ude00"}`, { b: '😀' }, 'json_read /a'],
  ['JSON text with a prototype', { type: 'object' }, '{"__proto__":{"b":1}}', undefined, 'refused'],
];

test('keys of JSON text are what they say, whatever keys stood in calls before', () => {
  const place = { type: 'object', additionalProperties: true };
  for (let times = 0; times < 3; times += 1) JSON.parse('{"spelled":1,"\\\\u0074":2,"more":{"inner":1,"\\\\n":2}}');
  const read = (text: string) => check({ properties: { a: place } }, { a: text }, 'complete');
  expect(read('{"spelled":1,"\\u0074enant" : "x\\u0041\\":"}')).toMatchObject({
    arguments: { a: { spelled: 1, tenant: 'xA":' } },
  });
  expect(read('{"spelled":1,"more":{"inner":1,"\\nx":3}}')).toMatchObject({ ok: false });
});

const expectRow = (forms: ArgumentForms, [_what, place, came, sent, change]: Row) => {
  const schema = { properties: { a: place, z: { type: 'string' } }, $defs: { n: { type: 'integer' } } };
  const args = { a: came, z: '5' };
  const before = structuredClone(args);
  const checked = check(schema, args, forms);
  expect(args).toEqual(before);
  if (change === 'refused') return expect(checked).toMatchObject({ ok: false, problem: expect.stringMatching(/^"a[".]/) });
  const expected = sent === GONE ? { z: '5' } : { a: sent, z: '5' };
  expect(checked).toMatchObject({ ok: true });
  if (!checked.ok) return undefined;
  // judged, recorded and sent are one value
  expect([checked.given, checked.arguments]).toEqual([expected, expected]);
  if (change === null) expect(checked.given).toBe(args);
  return expect(checked.changes?.named.map(({ rule, path }) => `${rule} ${path}`) ?? null).toEqual(
    change === null ? null : [change],
  );
};

test.each(LENIENT)('lenient: %s', (...row) => expectRow('lenient', row));
test.each(COMPLETE)('complete: %s', (...row) => expectRow('complete', row));
test.each(COMPLETE)('strict: %s', (...row) => {
  const [what, place, came, sent, change] = row;
  expectRow('strict', change === null ? row : [what, place, came, sent, 'refused']);
});

test('a required argument that is missing or null gets the default of its tool, where the profile completes', () => {
  const schema = {
    properties: {
      a: { type: 'integer', default: 3 },
      b: { type: 'string' },
      c: { type: 'object', properties: { d: { default: 1 } }, required: ['d'] },
    },
    required: ['a'],
  };
  for (const forms of ['strict', 'lenient'] as const) {
    expect(check(schema, { b: 'x' }, forms)).toEqual({
      ok: false,
      problem: '"a" is required: an integer is expected, nothing came.',
    });
    expect(check(schema, { a: null }, forms)).toEqual({ ok: false, problem: '"a" must be an integer; null came.' });
  }
  expect(check(schema, { b: 'x', c: {} }, 'complete')).toMatchObject({
    arguments: { a: 3, b: 'x', c: { d: 1 } },
    changes: {
      named: [
        { path: '/c/d', rule: 'default_added' },
        { path: '/a', rule: 'default_added' },
      ],
    },
  });
  expect(check(schema, { a: null }, 'complete')).toMatchObject({ arguments: { a: 3 } });
  expect(check({ ...schema, required: ['b'] }, {}, 'complete')).toMatchObject({ ok: false });
});

test('what an alternative requires gets no default, and what it needs is not dropped', () => {
  const schema = {
    anyOf: [
      { properties: { a: { type: 'integer', default: 1 } }, required: ['a'] },
      { properties: { b: { type: 'integer' } }, required: ['b'] },
    ],
  };
  expect(check(schema, { b: 2 }, 'complete')).toMatchObject({ arguments: { b: 2 }, changes: null });
  expect(check(schema, {}, 'complete')).toMatchObject({ ok: false, problem: '"a" or "b" is required: nothing came.' });
});

test('a restricted argument is judged as it is sent, and a pinned or hidden one is never read in another form', () => {
  const schema = {
    properties: {
      n: { type: 'integer' },
      tenant: { type: 'integer' },
      filter: { type: 'object', properties: { tenant: {}, q: {} } },
    },
  };
  const restrict: ArgumentRule = { kind: 'restrict', argument: '/n', values: [5, 6] };
  expect(check(schema, { n: '5' }, 'lenient', [restrict])).toMatchObject({ ok: true, given: { n: 5 }, arguments: { n: 5 } });
  expect(check(schema, { n: '7' }, 'lenient', [restrict])).toEqual({
    ok: false,
    problem: '"n" must be one of [5,6]; a number came.',
  });
  const pin: ArgumentRule = { kind: 'pin', argument: '/tenant', value: 1 };
  expect(check(schema, { n: '5' }, 'lenient', [pin])).toMatchObject({ given: { n: 5 }, arguments: { n: 5, tenant: 1 } });
  for (const tenant of [null, '1', 1])
    expect(check(schema, { tenant }, 'complete', [pin])).toEqual({
      ok: false,
      problem: "This tool has no argument 'tenant'; it takes n, filter.",
    });
  const hide: ArgumentRule = { kind: 'hide', argument: '/filter/tenant' };
  expect(check(schema, { filter: '{"q":1,"tenant":2}' }, 'complete', [hide])).toEqual({
    ok: false,
    problem: '"filter" has no argument \'tenant\'; it takes q.',
  });
});

test('more changes than are named are counted', () => {
  const properties = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`p${index}`, { type: 'integer' }]));
  const args = Object.fromEntries(Object.keys(properties).map((name) => [name, '1']));
  const checked = check({ properties }, args, 'lenient');
  expect(checked.ok && [checked.changes?.named.length, checked.changes?.more]).toEqual([64, 6]);
});

const pass = (schema: object, args: JsonObject, rules: ArgumentRule[] = []) =>
  compileCallCheck({ type: 'object', ...schema }, rules, { settings: { argumentForms: 'lenient', undeclaredArguments: 'pass' } })(
    args,
  );

test.each<[string, object, boolean]>([
  ['nothing is said of others', {}, true],
  ['others are taken', { additionalProperties: true }, true],
  ['others are not taken', { additionalProperties: false }, false],
  ['others are not taken, in the newer form', { unevaluatedProperties: false }, false],
  ['others have to be numbers', { additionalProperties: { type: 'boolean' } }, false],
])('an undeclared argument is passed on where the server takes it: %s', (_what, more, taken) => {
  const schema = { properties: { a: { type: 'integer' } }, ...more };
  const checked = pass(schema, { a: '1', foo: 'x' });
  if (taken) expect(checked).toMatchObject({ ok: true, arguments: { a: 1, foo: 'x' } });
  else expect(checked).toMatchObject({ ok: false, problem: expect.stringContaining('foo') });
});

test('passing on undeclared arguments opens no hidden one, whatever it is spelled like', () => {
  const schema = { properties: { a: {}, tenant: {} } };
  for (const kind of ['hide', 'pin'] as const) {
    const rule: ArgumentRule = kind === 'hide' ? { kind, argument: '/tenant' } : { kind, argument: '/tenant', value: 'acme' };
    for (const key of ['tenant', 'Tenant', 'TENANT'])
      expect(pass(schema, { [key]: 'evil' }, [rule])).toEqual({
        ok: false,
        problem: `This tool has no argument '${key}'; it takes a.`,
      });
    expect(pass(schema, { foo: 1 }, [rule])).toMatchObject({ ok: true });
  }
});

test('what a rule says of a member holds where its parent may be a text as well', () => {
  const schema: JsonObject & { type: 'object' } = {
    type: 'object',
    properties: {
      filter: {
        anyOf: [{ type: 'object', properties: { tenant: { type: 'string' }, q: { type: 'number' } } }, { type: 'string' }],
      },
    },
  };
  const rules: ArgumentRule[] = [
    { kind: 'hide', argument: '/filter/tenant' },
    { kind: 'restrict', argument: '/filter/tenant', values: ['acme'] },
  ];
  for (const rule of rules)
    for (const mode of ['strict', 'lenient', 'complete'] as const) {
      expect(check(schema, { filter: '{"tenant":"evil"}' }, mode, [rule])).toMatchObject({ ok: false });
      expect(check(schema, { filter: { q: 1 } }, mode, [rule])).toMatchObject({ ok: true });
    }
});
