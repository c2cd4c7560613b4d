import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { toCanonicalJson } from '../../src/documents/canonical.ts';

/** Names that objects order by themselves, or take for something else. */
const name = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', '10', '9', '', 'constructor', 'é', '\u{1f600}', '\uffff'),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value')),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 80 }).map((members) => JSON.parse(writeObject(members))),
  ),
}));

/** So that `__proto__` is a member like any other, as in a text that was read. */
function writeObject(members: [string, unknown][]): string {
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${JSON.stringify(member)}`).join(',')}}`;
}

test('every JSON value is written as an independent library of RFC 8785 writes it', () => {
  fc.assert(
    fc.property(value, (drawn) => {
      expect(toCanonicalJson(drawn)).toBe(canonicalize(drawn));
    }),
    { numRuns: 2_000 },
  );
});

test('the example of RFC 8785 is written as it stands there', () => {
  const example = {
    numbers: [JSON.parse('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  };
  expect(toCanonicalJson(example)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('a member that is undefined is left out', () => {
  expect(toCanonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
});

test.each([
  ['undefined', undefined],
  ['undefined in a list', [undefined]],
  ['a hole in a list', Array.from({ length: 1 })],
  ['no number', Number.NaN],
  ['no end', Number.POSITIVE_INFINITY],
  ['half of a pair', '\ud800'],
  ['half of a pair in a name', { '\udc00': 1 }],
  ['a function', () => 1],
  ['a large integer of its own type', 1n],
  ['a symbol', Symbol('x')],
  ['a date', new Date(0)],
])('%s is no JSON and refused, also within an object whose members stand in order', (_, refused) => {
  expect(() => toCanonicalJson(refused)).toThrow(TypeError);
  if (refused !== undefined) expect(() => toCanonicalJson({ a: 1, b: [{ c: refused }] })).toThrow(TypeError);
});

test('a value whose members stand in order is written as any other, also with a text that writes an escape', () => {
  fc.assert(
    fc.property(value, (drawn) => {
      const ordered = { a: drawn, b: ['\\ud800', drawn], c: { d: undefined, e: drawn } };
      expect(toCanonicalJson(ordered)).toBe(canonicalize(ordered));
    }),
    { numRuns: 500 },
  );
});
