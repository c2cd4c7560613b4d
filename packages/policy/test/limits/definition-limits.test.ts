import { expect, test } from 'vitest';

import { hashContent } from '../../src/documents/content-hash.ts';
import { DEFINITION_LIMITS } from '../../src/limits/definition-limits.ts';
import { checkEntry } from '../../src/limits/entry-limits.ts';
import { toShownName } from '../../src/names/shown-name.ts';

const plain = { name: 'orders.get', inputSchema: { type: 'object', properties: { id: { type: 'string' } } } };
const withSchema = (schema: object) => ({ ...plain, inputSchema: { type: 'object', ...schema } });

function buildNested(levels: number): object {
  let value: object = {};
  for (let level = 1; level < levels; level += 1) value = { properties: value };
  return value;
}

function buildDoubling(levels: number): object {
  const $defs: Record<string, object> = { d0: { type: 'string' } };
  for (let level = 1; level <= levels; level += 1) {
    $defs[`d${level}`] = { oneOf: [{ $ref: `#/$defs/d${level - 1}` }, { $ref: `#/$defs/d${level - 1}` }] };
  }
  return { $defs, properties: { a: { $ref: `#/$defs/d${levels}` } } };
}

const buildProperties = (count: number, of: object) => ({
  properties: Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, of])),
});

test.each([
  ['a plain tool', plain],
  ['T-57: as many arguments as nobody needs', withSchema(buildProperties(900, { type: 'string' }))],
  [
    'T-57: patterns that would fill the memory, left to the server',
    withSchema(buildProperties(40, { pattern: '((a{1,500}){1,500}){1,500}' })),
  ],
  ['unknown keys and annotations', { ...plain, annotations: { readOnlyHint: true }, _meta: { a: 1 }, icons: [] }],
  ['a local reference', withSchema({ $defs: { id: { type: 'string' } }, properties: { id: { $ref: '#/$defs/id' } } })],
  ['a recursive tree', withSchema({ properties: { children: { type: 'array', items: { $ref: '#' } } } })],
  [
    'a reference to an anchor',
    withSchema({ $defs: { id: { $anchor: 'here', type: 'string' } }, properties: { id: { $ref: '#here' } } }),
  ],
  [
    'an inner document that refers inside of itself',
    withSchema({ properties: { a: { $id: 'https://example.com/b', items: { $ref: '#' } } } }),
  ],
  ['a pattern with look-around', withSchema({ properties: { mail: { type: 'string', pattern: '^(?!\\.)a@b$' } } })],
  ['a little doubling', withSchema(buildDoubling(5))],
  ...['issues/list', 'repo:get', 'drop table', 'drop🎉', 'se\u0430rch', '查询', '__proto__', 'x'.repeat(128)].map(
    (name): [string, typeof plain] => [`a tool called ${name}`, { ...plain, name }],
  ),
  ['properties with the names of keywords', withSchema({ properties: { $ref: { type: 'string' }, not: { type: 'string' } } })],
])('%s is accepted unchanged', (_, raw) => {
  expect(checkEntry('tool', raw)).toEqual({
    ok: true,
    entry: { kind: 'tool', name: raw.name, pin: hashContent(raw), definition: raw },
  });
});

test.each([
  ['no object', 'text', /not a tool definition/],
  ['no schema', { name: 'a' }, /not a tool definition/],
  [
    'a schema that is no object type',
    { name: 'a', inputSchema: { type: 'string' } },
    /not a tool definition \(inputSchema.type\)/,
  ],
  ['a name of 129 characters', { ...plain, name: 'a'.repeat(129) }, /its name is longer than 128/],
  ['a huge description', { ...plain, description: 'x'.repeat(20_001) }, /its description is longer than 20,000/],
  ['a huge schema', withSchema({ description: 'x'.repeat(64 * 1024) }), /larger than 64 kB/],
  ['a huge definition', { ...plain, _meta: { text: 'x'.repeat(128 * 1024) } }, /larger than 128 kB/],
  ['deep nesting', withSchema(buildNested(DEFINITION_LIMITS.depth)), /deeper/],
  [
    'T-54: a reference to the metadata address',
    withSchema({ properties: { a: { $ref: 'http://169.254.169.254/' } } }),
    /another document/,
  ],
  ['T-54: a reference to a file', withSchema({ allOf: [{ $ref: 'file:///etc/passwd' }] }), /another document/],
  ['T-54: an output schema that refers elsewhere', { ...plain, outputSchema: { $ref: 'other.json' } }, /another document/],
  [
    'an unresolvable reference',
    withSchema({ properties: { a: { $ref: '#/$defs/none' } } }),
    /a place that is not there \(at \/inputSchema\/properties\/a\/\$ref\)/,
  ],
  ['an asynchronous schema', withSchema({ $async: true }), /\$async/],
  [
    'T-57: more parts than can be compiled at once',
    withSchema(buildProperties(1_000, { type: 'string' })),
    /more than 1000 parts/,
  ],
  [
    'T-57: dependencies by the thousand',
    withSchema({ dependentRequired: buildProperties(1_000, []).properties }),
    /more than 1000 parts/,
  ],
  [
    'T-57: key patterns by the hundred',
    withSchema({ patternProperties: buildProperties(300, {}).properties }),
    /more than 1000 parts/,
  ],
  [
    'T-57: a key pattern that repeats repetitions',
    withSchema({ patternProperties: { '((a{1,90}){1,90}){1,90}': {} } }),
    /key pattern/,
  ],
  ['T-57: a reference loop', withSchema({ allOf: [{ $ref: '#' }] }), /refers to itself/],
  ['T-57: doubling references', withSchema(buildDoubling(30)), /refers to itself/],
  ['T-57: a key pattern with look-around', withSchema({ patternProperties: { '^(?=a)': {} } }), /key pattern/],
  ['a key that would be a prototype', withSchema(JSON.parse('{"properties":{"__proto__":{"type":"string"}}}')), /"__proto__"/],
])('%s is refused', (_, raw, problem) => {
  expect(checkEntry('tool', raw)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
});

test('nesting without end does not overflow the stack', () => {
  expect(checkEntry('tool', withSchema(buildNested(20_000)))).toMatchObject({ ok: false });
});

test('the name in a message is printable and short, and no part of one', () => {
  expect(checkEntry('tool', { ...plain, name: `a\u001b[31m\n${'x'.repeat(500)}` })).toMatchObject({
    name: 'one with a name of 507 characters',
  });
  expect(toShownName('a\u001b[31m\nb ü')).toBe('a?b ü');
});

test('T-28: a name in a message is read as one word, whatever stands between its letters or for them', () => {
  expect(toShownName(Array.from('ida.roe@corp.fi').join('\u200B'))).toBe('ida.roe@corp.fi');
  expect(toShownName('ｉｄａ＠ｃｏｒｐ．ｆｉ')).toBe('ida@corp.fi');
  const long = `${'x'.repeat(55)} ida.roe@corp.fi`;
  expect(toShownName(long)).toBe(long);
});
