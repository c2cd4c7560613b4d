import fc from 'fast-check';
import { expect, test } from 'vitest';

import { compileCallCheck } from '../src/compile/call-check.ts';
import { compileInputCheck } from '../src/compile/input-check.ts';
import { listArgumentRuleProblems } from '../src/curation/argument-rule-problems.ts';
import { readNumber } from '../src/documents/exact-number.ts';
import { isJsonObject, readJson, type JsonObject } from '../src/documents/json.ts';
import type { ArgumentRule } from '../src/documents/profile.ts';

const CANARY = 'c4n4ry';
const KEYS = ['a', 'b', 'c/d', '__x', 'toString'] as const;

const scalar = fc.constantFrom<unknown>(null, true, false, 0, 5, -1.5, 5e21, 'x', CANARY, '', '5', '-0.5', '007', 'true', 'null');
const exact = fc.constantFrom('725653563933458437', '1e400', '0.12345678901234567890').map(readNumber);
const jsonText = fc.constantFrom(
  '{}',
  '[]',
  '{"a":"5"}',
  '["5",null]',
  '{"a":{"b":null}}',
  '[725653563933458437]',
  '{"__proto__":{}}',
  '[5',
);

const value: fc.Arbitrary<unknown> = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    scalar,
    exact,
    jsonText,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('any'), { maxKeys: 3 }),
  ),
})).any;

/** Schemas of the forms that servers write: typed, nullable, alternatives, lists, objects within objects, references. */
const property: fc.Arbitrary<JsonObject> = fc.letrec<{ any: JsonObject; object: JsonObject }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonObject>(
      {},
      { type: 'string' },
      { type: 'integer' },
      { type: 'number', minimum: 0 },
      { type: 'boolean' },
      { type: ['integer', 'null'] },
      { type: 'integer', default: 7 },
      { enum: ['x', 5] },
      { enum: [5, true] },
      { type: 'string', nullable: true },
      { $ref: '#/$defs/whole' },
      { anyOf: [{ type: 'integer' }, { type: 'string' }] },
      { anyOf: [{ type: 'object' }, { type: 'null' }] },
    ),
    tie('any').map((items): JsonObject => ({ type: 'array', items })),
    tie('object'),
  ),
  object: makeObject(tie('any')),
})).object;

function makeObject(member: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  const properties = fc.dictionary(fc.constantFrom(...KEYS), member, { maxKeys: 4, noNullPrototype: true });
  const others = fc.constantFrom<object>({}, { additionalProperties: true }, { additionalProperties: { type: 'integer' } });
  return fc.tuple(properties, fc.subarray([...KEYS]), others).map(([held, required, more]) => ({
    type: 'object',
    properties: held,
    required: required.filter((key) => Object.hasOwn(held, key)),
    ...more,
  }));
}

const args = fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 4, noNullPrototype: true });
const settings = fc.record({
  argumentForms: fc.constantFrom('strict' as const, 'lenient' as const, 'complete' as const),
  undeclaredArguments: fc.constantFrom('refuse' as const, 'pass' as const),
});

function withDefinitions(schema: JsonObject) {
  return { ...schema, type: 'object' as const, $defs: { whole: { type: 'integer' } } };
}

/** What two values differ in, in the words of a receipt: the rule under which one may have become the other, and where. */
function listChanges(came: unknown, sent: unknown, path: string): string[] {
  if (JSON.stringify(came) === JSON.stringify(sent)) return [];
  if (typeof came === 'string' && typeof sent !== 'object') return [`text_read ${path}`];
  if (typeof came === 'string') return [`json_read ${path}`, ...listChanges(readJson(came), sent, path)];
  if (Array.isArray(came) && Array.isArray(sent) && came.length === sent.length)
    return came.flatMap((item, at) => listChanges(item, sent[at], `${path}/*`));
  if (!isJsonObject(came) || !isJsonObject(sent)) return [`no rule ${path}`];
  return [...new Set([...Object.keys(came), ...Object.keys(sent)])].flatMap((key) => {
    const place = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Object.hasOwn(sent, key)) return [came[key] === null ? `null_dropped ${place}` : `no rule ${place}`];
    if (!Object.hasOwn(came, key) || (came[key] === null && sent[key] !== null)) return [`default_added ${place}`];
    return listChanges(came[key], sent[key], place);
  });
}

/** A key that no schema declares is named by an asterisk. */
function isNamed(change: string, named: readonly string[]): boolean {
  const [rule = '', path = ''] = change.split(' ');
  const forms = named.map((each) => new RegExp(`^${each.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&').replaceAll('*', '[^/]*')}$`));
  return forms.some((form) => form.test(`${rule} ${path}`));
}

test('whatever goes in, what is sent is the same or differs in what is named, and is what was judged', () => {
  fc.assert(
    fc.property(property, args, settings, (schema, came, chosen) => {
      const inputSchema = withDefinitions(schema);
      const before = JSON.stringify(came);
      const check = compileCallCheck(inputSchema, [], { settings: chosen });
      const checked = check(came);
      expect(JSON.stringify(came)).toBe(before);
      if (!checked.ok) {
        expect(checked.problem).not.toContain(CANARY);
        return;
      }
      const { arguments: sent, given, changes } = checked;
      expect(sent).toBe(given);
      if (changes === null) {
        expect(sent).toBe(came);
        return;
      }
      expect(chosen.argumentForms).not.toBe('strict');
      const named = changes.named.map(({ rule, path }) => `${rule} ${path}`);
      const differences = listChanges(came, sent, '');
      expect(differences.filter((change) => !isNamed(change, named))).toEqual([]);
      if (chosen.argumentForms === 'lenient') expect(named.join()).not.toMatch(/json_read|default_added/);
      // what was put right is right, for this profile and for the strictest
      expect(check(sent)).toEqual({ ok: true, arguments: sent, given: sent, changes: null });
      expect(compileInputCheck(inputSchema)(sent)).toBeNull();
    }),
    { numRuns: 40 },
  );
});

test('what fits the schema of a tool is never changed, whatever the profile', () => {
  fc.assert(
    fc.property(property, args, settings, (schema, came, chosen) => {
      const inputSchema = withDefinitions(schema);
      const strict = compileCallCheck(inputSchema, [], { settings: { ...chosen, argumentForms: 'strict' } })(came);
      const checked = compileCallCheck(inputSchema, [], { settings: chosen })(came);
      if (strict.ok) expect(checked).toEqual({ ok: true, arguments: came, given: came, changes: null });
      if (strict.ok && checked.ok) expect(checked.arguments).toBe(came);
    }),
    { numRuns: 40 },
  );
});

const rules = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'a/b', 'b/a'), fc.constantFrom('hide', 'pin', 'restrict')), {
    maxLength: 3,
    comparator: (one, other) => one[0] === other[0],
  })
  .map((drawn) =>
    drawn.map(([path, kind]): ArgumentRule => {
      const argument = `/${path}`;
      if (kind === 'hide') return { kind, argument };
      return kind === 'pin' ? { kind, argument, value: 'pinned' } : { kind: 'restrict', argument, values: ['x', 5] };
    }),
  );

function listAt(held: unknown, [key, ...rest]: readonly string[]): unknown[] {
  if (Array.isArray(held)) return held.flatMap((item) => listAt(item, key === undefined ? [] : [key, ...rest]));
  if (key === undefined) return [held];
  return isJsonObject(held) && Object.hasOwn(held, key) ? listAt(held[key], rest) : [];
}

test('with rules, what is sent is what was judged and the pinned values, and nothing hidden comes from the caller', () => {
  const open = { type: 'object' as const, additionalProperties: true };
  const inner = { type: 'object', properties: { a: {}, b: {} }, additionalProperties: true };
  const schemas = fc.constantFrom(
    { ...open, properties: { a: inner, b: inner } },
    { type: 'object' as const, properties: { a: { type: 'array', items: inner }, b: { anyOf: [inner, { type: 'string' }] } } },
    { ...open, properties: { a: {}, b: { $ref: '#/$defs/inner' } }, $defs: { inner } },
  );
  fc.assert(
    fc.property(schemas, rules, args, settings, (schema, drawn, came, chosen) => {
      // only such rules are saved
      fc.pre(listArgumentRuleProblems(schema, drawn).length === 0);
      const before = JSON.stringify(came);
      const checked = compileCallCheck(schema, drawn, { settings: chosen })(came);
      expect(JSON.stringify(came)).toBe(before);
      if (!checked.ok) return;
      for (const rule of drawn) {
        const path = rule.argument.split('/').slice(1);
        const [given, sent] = [listAt(checked.given, path), listAt(checked.arguments, path)];
        if (rule.kind === 'restrict') expect(given.filter((held) => held !== 'x' && held !== 5)).toEqual([]);
        else expect(given).toEqual([]);
        expect(sent.filter((held) => held !== 'pinned')).toEqual(
          rule.kind === 'restrict' ? given.filter((held) => held !== 'pinned') : [],
        );
      }
      if (drawn.every(({ kind }) => kind !== 'pin')) expect(checked.arguments).toEqual(checked.given);
    }),
    { numRuns: 40 },
  );
});
