import { expect, test } from 'vitest';

import {
  buildRuleTree,
  describeArgument,
  findRivalAt,
  hasKeyAt,
  isHidden,
  listValuesAt,
  parsePointer,
  withValueAt,
} from '../../src/curation/argument-path.ts';
import type { JsonObject } from '../../src/documents/json.ts';
import type { ArgumentRule } from '../../src/documents/profile.ts';

const parse = (json: string): JsonObject => JSON.parse(json) as JsonObject;

test.each([
  ['/a', ['a'], 'a'],
  ['/a/b', ['a', 'b'], 'a.b'],
  ['/a~1b/c~0d', ['a/b', 'c~d'], 'a/b.c~d'],
  ['/~01', ['~1'], '~1'],
  ['/', [''], ''],
  ['/__proto__', ['__proto__'], '__proto__'],
])('the pointer %s names %j, which a sentence calls %j', (pointer, path, words) => {
  expect(parsePointer(pointer)).toEqual(path);
  expect(describeArgument(pointer)).toBe(words);
});

test('rules stand in a tree by their path, and of two on one argument the first stays', () => {
  const [hide, pin, inner]: ArgumentRule[] = [
    { kind: 'hide', argument: '/a' },
    { kind: 'pin', argument: '/a', value: 1 },
    { kind: 'restrict', argument: '/b/c', values: [1] },
  ];
  const tree = buildRuleTree([hide, pin, inner].filter((rule) => rule !== undefined));
  expect([tree.rule, [...tree.children.keys()]]).toEqual([null, ['a', 'b']]);
  expect(tree.children.get('a')?.rule).toBe(hide);
  expect(tree.children.get('b')?.rule).toBeNull();
  expect(tree.children.get('b')?.children.get('c')?.rule).toBe(inner);
  expect(buildRuleTree([])).toEqual({ rule: null, children: new Map() });
  expect(['a', 'b', 'x'].map((name) => isHidden(tree.children.get(name)))).toEqual([true, false, false]);
  expect(isHidden(tree.children.get('b')?.children.get('c'))).toBe(false);
  expect(isHidden({ rule: pin ?? null, children: new Map() })).toBe(true);
});

test.each<[args: string, path: string[], values: unknown[]]>([
  ['{"a":1}', ['a'], [1]],
  ['{"a":null}', ['a'], [null]],
  ['{"a":[1,2]}', ['a'], [1, 2]],
  ['{"a":[[1],[2,[3]]]}', ['a'], [1, 2, 3]],
  ['{"a":[]}', ['a'], []],
  ['{"a":{"b":1}}', ['a', 'b'], [1]],
  ['{"a":[{"b":1},{"c":2},{"b":[3]},4]}', ['a', 'b'], [1, 3]],
  ['{"a":"b"}', ['a', 'b'], []],
  ['{"a":1}', ['b'], []],
  ['{"a":1}', [], [{ a: 1 }]],
  ['{}', ['toString'], []],
  ['{"__proto__":1}', ['__proto__'], [1]],
  ['{"a":{}}', ['a', '__proto__'], []],
])('of %s at %j there are %j', (args, path, values) => {
  expect([...listValuesAt(parse(args), path)]).toEqual(values);
});

test.each<[args: string, path: string[], has: boolean]>([
  ['{"a":1}', ['a'], true],
  ['{"a":null}', ['a'], true],
  ['{"a":{"b":null}}', ['a', 'b'], true],
  ['{"a":[{},{"b":1}]}', ['a', 'b'], true],
  ['{"a":[[{"b":1}]]}', ['a', 'b'], true],
  ['{"a":[]}', ['a', 'b'], false],
  ['{"a":[{}]}', ['a', 'b'], false],
  ['{"a":"b"}', ['a', 'b'], false],
  ['{"a":1}', ['A'], false],
  ['{"a":1}', [], false],
  ['{}', ['constructor'], false],
])('%s has a key at %j: %s', (args, path, has) => expect(hasKeyAt(parse(args), path)).toBe(has));

test.each<[args: string, path: string[], known: string[][], rival: string[] | null]>([
  ['{"Tenant":1}', ['tenant'], [], ['Tenant']],
  ['{"tenant":1}', ['tenant'], [], null],
  ['{"tenant[]":1}', ['tenant'], [], ['tenant[]']],
  ['{"other":1}', ['tenant'], [], null],
  // declared under that name too
  ['{"Tenant":1}', ['tenant'], [['Tenant']], null],
  ['{"f":{"TENANT":1}}', ['f', 'tenant'], [], ['f', 'TENANT']],
  ['{"f":{"TENANT":1}}', ['f', 'tenant'], [[], ['TENANT']], null],
  ['{"f":[{},{"TENANT":1}]}', ['f', 'tenant'], [], ['f', 'TENANT']],
  ['{"F":{"tenant":1}}', ['f', 'tenant'], [], ['F']],
  ['{"f":"x"}', ['f', 'tenant'], [], null],
  ['{"f":[]}', ['f', 'tenant'], [], null],
  ['{"a":1}', [], [], null],
])('in %s a second %j, beside %j that are known: %j', (args, path, known, rival) => {
  const sets = known.map((names) => new Set(names));
  expect(findRivalAt(parse(args), path, sets)).toEqual(rival);
});

test.each<[args: string, path: string[], create: boolean, sent: string | undefined]>([
  ['{}', ['a'], false, '{"a":7}'],
  ['{"a":1}', ['a'], true, '{"a":7}'],
  ['{"b":1,"a":1,"c":1}', ['a'], true, '{"b":1,"a":7,"c":1}'],
  ['{}', ['a', 'b'], true, '{"a":{"b":7}}'],
  ['{}', ['a', 'b'], false, '{}'],
  ['{}', ['a', 'b', 'c'], true, '{"a":{"b":{"c":7}}}'],
  ['{"a":{"x":1}}', ['a', 'b'], false, '{"a":{"x":1,"b":7}}'],
  ['{"a":[{},{"b":1}]}', ['a', 'b'], false, '{"a":[{"b":7},{"b":7}]}'],
  ['{"a":[]}', ['a', 'b'], true, '{"a":[]}'],
  ['{"a":[[{}]]}', ['a', 'b'], true, '{"a":[[{"b":7}]]}'],
  ['{"a":null}', ['a', 'b'], true, undefined],
  ['{"a":"x"}', ['a', 'b'], true, undefined],
  ['{"a":[{},1]}', ['a', 'b'], true, undefined],
  ['{"a":{"b":1}}', ['a', 'b', 'c'], true, undefined],
  ['{}', [], true, undefined],
  ['{}', ['toString', 'b'], true, '{"toString":{"b":7}}'],
])('%s with 7 at %j, making objects: %s, is %s', (args, path, create, sent) => {
  const before = parse(args);
  const after = withValueAt(before, path, 7, create);
  expect(after).toEqual(sent === undefined ? undefined : parse(sent));
  if (sent !== undefined) expect(JSON.stringify(after)).toBe(sent);
  expect(JSON.stringify(before)).toBe(args);
});
