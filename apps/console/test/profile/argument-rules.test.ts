import { expect, test } from 'vitest';

import type { ArgumentRule } from '@gatehouse/policy/documents/profile';

import {
  parseScalar,
  parseValue,
  findHidingRule,
  findLostRules,
  findRuleProblems,
  createStartingRule,
  formatValue,
  withoutRule,
  withRule,
} from '../../src/features/profile/arguments/argument-rules.ts';
import { buildArgumentTree, type ArgumentNode } from '../../src/features/profile/arguments/argument-tree.ts';

const SCHEMA = {
  type: 'object' as const,
  properties: {
    orderId: { type: 'string' },
    limit: { type: 'integer' },
    filter: { type: 'object', properties: { region: { enum: ['eu', 'us'] }, dry: { type: 'boolean' } } },
  },
  required: ['orderId'],
};

function findNode(pointer: string): ArgumentNode {
  const found = buildArgumentTree(SCHEMA)
    .flatMap((one) => [one, ...one.children])
    .find((one) => one.pointer === pointer);
  if (!found) throw new Error(`no argument ${pointer}`);
  return found;
}

test('a rule takes the place of the one before it, and hiding an object covers what is inside', () => {
  const first = withRule([], { kind: 'restrict', argument: '/filter/region', values: ['eu'] });
  const second = withRule(first, { kind: 'pin', argument: '/filter/region', value: 'eu' });
  expect(second).toEqual([{ kind: 'pin', argument: '/filter/region', value: 'eu' }]);
  const hidden = withRule([...second, { kind: 'hide', argument: '/limit' }], { kind: 'hide', argument: '/filter' });
  expect(hidden).toEqual([
    { kind: 'hide', argument: '/limit' },
    { kind: 'hide', argument: '/filter' },
  ]);
  expect(findHidingRule(hidden, '/filter/region')).toEqual({ kind: 'hide', argument: '/filter' });
  expect(findHidingRule(hidden, '/filters')).toBeNull();
  expect(withoutRule(hidden, '/filter')).toEqual([{ kind: 'hide', argument: '/limit' }]);
});

test('an argument that was renamed or removed keeps its override, flagged', () => {
  const rules: ArgumentRule[] = [{ kind: 'pin', argument: '/tenant', value: 'acme' }];
  expect(findLostRules(buildArgumentTree(SCHEMA), rules)).toEqual(rules);
  expect(findRuleProblems(SCHEMA, rules)).toMatchObject([{ argument: '/tenant', code: 'not_an_argument' }]);
});

test('a required argument cannot be hidden, a pinned one can; an object takes no limit', () => {
  const problemOf = (rule: ArgumentRule) => findRuleProblems(SCHEMA, [rule]).map(({ code }) => code);
  expect(problemOf({ kind: 'hide', argument: '/orderId' })).toEqual(['required']);
  expect(problemOf({ kind: 'pin', argument: '/orderId', value: '1' })).toEqual([]);
  expect(problemOf({ kind: 'hide', argument: '/limit' })).toEqual([]);
  expect(problemOf({ kind: 'restrict', argument: '/filter/region', values: ['eu'] })).toEqual([]);
});

test('a kind starts with a value where the schema gives one, and waits for one where it does not', () => {
  expect(createStartingRule('hide', findNode('/limit'))).toEqual({ kind: 'hide', argument: '/limit' });
  expect(createStartingRule('pin', findNode('/filter/region'))).toEqual({ kind: 'pin', argument: '/filter/region', value: 'eu' });
  expect(createStartingRule('pin', findNode('/filter/dry'))).toEqual({ kind: 'pin', argument: '/filter/dry', value: false });
  expect(createStartingRule('pin', findNode('/orderId'))).toBeNull();
  expect(createStartingRule('restrict', findNode('/filter/region'))).toBeNull();
  expect(createStartingRule('as_is', findNode('/orderId'))).toBeNull();
});

test('what is typed becomes a value of the type, and half a value becomes none', () => {
  expect(parseValue('8841', findNode('/orderId'))).toEqual({ ok: true, value: '8841' });
  expect(parseValue('3', findNode('/limit'))).toEqual({ ok: true, value: 3 });
  expect(parseValue('3.5', findNode('/limit')).ok).toBe(false);
  expect(parseValue('', findNode('/limit')).ok).toBe(false);
  expect(parseValue('{"region":"eu"}', findNode('/filter'))).toEqual({ ok: true, value: { region: 'eu' } });
  expect(parseValue('{"region":', findNode('/filter')).ok).toBe(false);
  for (const [value, pointer] of [
    ['8841', '/orderId'],
    [3, '/limit'],
    [{ region: 'eu' }, '/filter'],
  ] as const) {
    expect(parseValue(formatValue(value, findNode(pointer)), findNode(pointer))).toEqual({ ok: true, value });
  }
});

test('a limit value has the type that the schema asks for', () => {
  expect(parseScalar('12', 'integer')).toEqual({ ok: true, value: 12 });
  expect(parseScalar('12', 'string')).toEqual({ ok: true, value: '12' });
  expect(parseScalar('12', 'list of number')).toEqual({ ok: true, value: 12 });
  expect(parseScalar('twelve', 'number').ok).toBe(false);
  expect(parseScalar('twelve', 'number or string')).toEqual({ ok: true, value: 'twelve' });
  expect(parseScalar('true', 'boolean')).toEqual({ ok: true, value: true });
  expect(parseScalar('null', 'string or null')).toEqual({ ok: true, value: null });
  expect(parseScalar('  ', 'string').ok).toBe(false);
});
