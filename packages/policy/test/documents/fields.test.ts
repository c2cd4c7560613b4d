import { createHash } from 'node:crypto';

import { expect, test } from 'vitest';

import { ArgumentChangeLog, ArgumentChanges, MAX_NAMED_CHANGES } from '../../src/documents/argument-changes.ts';
import { isOfKind, readEntryName, toEntryKey, toServerEntryKey } from '../../src/documents/catalogue-entry.ts';
import { computePin } from '../../src/documents/content-hash.ts';
import { AgentName, Slug, ToolName } from '../../src/documents/definition.ts';
import { readNumber } from '../../src/documents/exact-number.ts';
import { decodeSegment, encodeSegment } from '../../src/documents/json-pointer.ts';
import { isJsonObject, isShallow, readJson, walkObjects, withoutNulls } from '../../src/documents/json.ts';
import { isPinned, PinnedEntry } from '../../src/documents/pinned-entry.ts';
import { ArgumentPointer, ArgumentRule, FieldPointer } from '../../src/documents/profile.ts';
import { computeLogRoot, findPruneTime, ReadableRevocation, readIssueTime, Revocation } from '../../src/documents/revocation.ts';
import { getDeclaredRisk, isLowered, pickGraverRisk, takesTwoPeople, weighRisk } from '../../src/documents/risk.ts';
import { Sha256 } from '../../src/documents/sha256.ts';
import { computeSteadyPin, getSteadyPin, isComparedInPart } from '../../src/documents/steady-pin.ts';
import { defineTool } from '../../src/testing/build.ts';

const repeat = (length: number) => 'x'.repeat(length);

test.each([
  ['a', 'a'],
  ['a/b', 'a~1b'],
  ['a~b', 'a~0b'],
  ['~1', '~01'],
  ['~/~', '~0~1~0'],
  ['', ''],
  ['ä\uD800', 'ä\uD800'],
])('the key %j stands in a pointer as %j', (key, segment) => {
  expect(encodeSegment(key)).toBe(segment);
  expect(decodeSegment(segment)).toBe(key);
});

test.each([
  ['/a', true, true],
  ['/a/b', true, true],
  ['/*', true, false],
  ['/a/*/b', true, false],
  ['/a*', true, false],
  [`/${repeat(128)}`, true, true],
  [`/${repeat(129)}`, false, false],
  ['/a'.repeat(16), true, true],
  ['/a'.repeat(17), false, false],
  ['', false, false],
  ['/', false, false],
  ['/a/', false, false],
  ['a', false, false],
  ['//a', false, false],
])('%j is a pointer to a field: %s, to an argument: %s', (pointer, ofField, ofArgument) => {
  expect([FieldPointer, ArgumentPointer].map((form) => form.safeParse(pointer).success)).toEqual([ofField, ofArgument]);
});

test.each([
  [{ kind: 'hide', argument: '/a' }, true],
  [{ kind: 'pin', argument: '/a', value: { b: [1, null] } }, true],
  [{ kind: 'pin', argument: '/a' }, false],
  [{ kind: 'restrict', argument: '/a', values: ['x', 1, true, null] }, true],
  [{ kind: 'restrict', argument: '/a', values: [repeat(4_000)] }, true],
  [{ kind: 'restrict', argument: '/a', values: [repeat(4_001)] }, false],
  [{ kind: 'restrict', argument: '/a', values: [] }, false],
  [{ kind: 'restrict', argument: '/a', values: Array.from({ length: 100 }, (_, at) => at) }, true],
  [{ kind: 'restrict', argument: '/a', values: Array.from({ length: 101 }, (_, at) => at) }, false],
  [{ kind: 'restrict', argument: '/a', values: [{}] }, false],
  [{ kind: 'show', argument: '/a' }, false],
])('a rule is read: %#', (rule, is) => expect(ArgumentRule.safeParse(rule).success).toBe(is));

test.each([
  ['a', true, true, true],
  ['a-b', true, true, true],
  [repeat(40), true, true, true],
  [repeat(41), false, true, true],
  [repeat(63), false, true, true],
  [repeat(64), false, false, true],
  [repeat(128), false, false, true],
  [repeat(129), false, false, false],
  ['-a', false, false, true],
  ['a-', false, false, true],
  ['A', false, false, true],
  ['a.b_c', false, false, true],
  ['a b', false, false, false],
  ['', false, false, false],
  ['ä', false, false, false],
  ['a\n', false, false, false],
])('%j is a slug: %s, the name of an agent: %s, the name of a tool: %s', (name, ofSlug, ofAgent, ofTool) => {
  expect([Slug, AgentName, ToolName].map((form) => form.safeParse(name).success)).toEqual([ofSlug, ofAgent, ofTool]);
});

test.each([
  ['a'.repeat(64), true],
  ['0123456789abcdef'.repeat(4), true],
  ['a'.repeat(63), false],
  ['a'.repeat(65), false],
  ['A'.repeat(64), false],
  ['g'.repeat(64), false],
])('%s is a hash: %s', (text, is) => expect(Sha256.safeParse(text).success).toBe(is));

test.each<[unknown, boolean]>([
  [{}, true],
  [JSON.parse('{"__proto__":1}'), true],
  [[], false],
  [null, false],
  ['{}', false],
  [readNumber('725653563933458437'), false],
])('%j is an object of JSON: %s', (value, is) => expect(isJsonObject(value)).toBe(is));

test.each([
  ['{"a":1}', { a: 1 }],
  ['null', null],
  ['"x"', 'x'],
  ['', undefined],
  ['{a:1}', undefined],
  ['[1,]', undefined],
  ['\uFEFF1', undefined],
])('the text %j holds %j', (text, value) => expect(readJson(text)).toEqual(value));

test('without nulls an object is the same where there are none, and its own inside is left', () => {
  const whole = { a: 0, b: '', c: false, d: { e: null } };
  expect(withoutNulls(whole)).toBe(whole);
  expect(withoutNulls({ a: null, b: { c: null }, d: undefined })).toEqual({ b: { c: null }, d: undefined });
});

test.each<[unknown, number]>([
  [1, 0],
  [{}, 1],
  [[[]], 0],
  [[{}, { a: {} }], 3],
  [{ a: readNumber('725653563933458437') }, 1],
])('in %j there are %i objects', (value, count) => expect([...walkObjects(value)]).toHaveLength(count));

test.each<[unknown, levels: number, is: boolean]>([
  ['x', 0, true],
  [{}, 0, false],
  [{}, 1, true],
  [{ a: [] }, 1, false],
  [{ a: [] }, 2, true],
  [JSON.parse('{"a":{"__proto__":1}}'), 9, false],
  [{ proto: 1 }, 9, true],
])('%j is no deeper than %i: %s', (value, levels, is) => expect(isShallow(value, levels)).toBe(is));

test('of changes each is named once under each rule, 64 in all, and the rest counted', () => {
  const log = new ArgumentChangeLog();
  expect(log.isEmpty).toBe(true);
  log.add(['a'], 'text_read');
  log.add(['a'], 'text_read');
  log.add(['a'], 'null_dropped');
  expect(log.isEmpty).toBe(false);
  expect(log.toChanges()).toEqual({
    named: [
      { path: '/a', rule: 'text_read' },
      { path: '/a', rule: 'null_dropped' },
    ],
  });
  for (let at = 2; at < MAX_NAMED_CHANGES; at += 1) log.add([`p${at}`], 'text_read');
  expect(log.toChanges().more).toBeUndefined();
  log.add(['one-more'], 'text_read');
  expect([log.toChanges().named.length, log.toChanges().more]).toEqual([64, 1]);
});

test.each<[string[], string]>([
  [[''], '/*'],
  [[repeat(128)], `/${repeat(128)}`],
  [[repeat(129)], '/*'],
  [Array(17).fill('a'), '/a'.repeat(16)],
  [['a~1b', '*'], '/a~1b/*'],
])('a change at %j is one that a receipt can name', (path, named) => {
  const log = new ArgumentChangeLog();
  log.add(path, 'json_read');
  expect(log.toChanges()).toEqual({ named: [{ path: named, rule: 'json_read' }] });
  expect(ArgumentChanges.parse(log.toChanges())).toEqual(log.toChanges());
});

test.each([
  ['tool', { name: 'a' }, 'a'],
  ['prompt', { name: 'a' }, 'a'],
  ['resource', { name: 'a', uri: 'b:c' }, 'b:c'],
  ['template', { uri: 'b:c', uriTemplate: 'b:{d}' }, 'b:{d}'],
  ['instructions', { text: 'x' }, 'instructions'],
  ['instructions', null, 'instructions'],
  ['tool', { name: '' }, '(no name)'],
  ['tool', { name: 7 }, '(no name)'],
  ['resource', { name: 'a' }, '(no name)'],
  ['tool', null, '(no name)'],
  ['tool', ['a'], '(no name)'],
] as const)('an entry of the kind %s in %j is called %s', (kind, definition, name) => {
  expect(readEntryName(kind, definition)).toBe(name);
  expect(toEntryKey({ kind, name })).toBe(`${kind} ${name}`);
  expect(toServerEntryKey({ serverId: 's', kind, name })).toBe(`s ${kind} ${name}`);
  expect(isOfKind({ kind }, kind)).toBe(true);
});

const definition = defineTool('a');
const pinned = { kind: 'tool' as const, name: 'a', pin: computePin(definition), definition };

test.each<[string, object, boolean]>([
  ['its own', {}, true],
  ['another name', { name: 'b' }, false],
  ['another pin', { pin: 'a'.repeat(64) }, false],
  ['another definition', { definition: defineTool('a', { title: 'x' }) }, false],
  ['another kind', { kind: 'resource' }, false],
])('an entry stands under its name and pin: %s', (_name, other, is) => {
  expect(PinnedEntry.safeParse({ ...pinned, ...other }).success).toBe(is);
  if (!('kind' in other)) expect(isPinned({ ...pinned, ...other })).toBe(is);
});

const resource = { uri: 'a:b', name: 'r', size: 5, annotations: { lastModified: '2026-01-01', audience: ['user'] } };

test('what passes of a resource is no part of its steady pin, of anything else it is', () => {
  const later = { ...resource, size: 6, annotations: { lastModified: '2026-02-02', audience: ['user'] } };
  for (const kind of ['resource', 'template'] as const) {
    expect(isComparedInPart(kind)).toBe(true);
    expect(computeSteadyPin(kind, later)).toBe(computeSteadyPin(kind, resource));
    expect(computeSteadyPin(kind, { ...later, name: 's' })).not.toBe(computeSteadyPin(kind, resource));
    expect(computeSteadyPin(kind, { ...later, annotations: {} })).not.toBe(computeSteadyPin(kind, resource));
    expect(computeSteadyPin(kind, { ...resource, annotations: null })).not.toBe(
      computeSteadyPin(kind, { ...resource, annotations: {} }),
    );
  }
  for (const kind of ['tool', 'prompt', 'instructions'] as const) {
    expect(isComparedInPart(kind)).toBe(kind === 'tool');
    expect(computeSteadyPin(kind, later)).not.toBe(computeSteadyPin(kind, resource));
  }
});

test('the steady pin of an approved tool is that of its definition, without what the approval ignores', () => {
  const tool = { ...pinned, definition: defineTool('a', { description: 'one' }) };
  expect(getSteadyPin(tool)).toBe(computeSteadyPin('tool', tool.definition));
  const ignoring = { ...tool, ignored: ['/description'] };
  const [once, again] = [getSteadyPin(ignoring), getSteadyPin(ignoring)];
  expect(once).toBe(again);
  expect(once).not.toBe(tool.pin);
  expect(getSteadyPin({ ...ignoring, definition: defineTool('a', { description: 'two' }) })).toBe(once);
  expect(getSteadyPin({ ...ignoring, ignored: ['/title'] })).not.toBe(once);
});

test.each([
  [{}, 'destructive', true],
  [{ destructiveHint: true }, 'destructive', false],
  [{ destructiveHint: false }, 'write', false],
  [{ destructiveHint: false, openWorldHint: true }, 'open_world', false],
  [{ readOnlyHint: true }, 'read', false],
  [{ readOnlyHint: true, openWorldHint: true }, 'open_world', false],
  [{ readOnlyHint: true, destructiveHint: true }, 'read', false],
  [{ readOnlyHint: false }, 'destructive', true],
  [{ openWorldHint: true }, 'destructive', true],
  [{ idempotentHint: true }, 'destructive', true],
] as const)('a server that says %j declares %s, assumed: %s', (annotations, risk, assumed) => {
  expect(getDeclaredRisk(defineTool('a', { annotations }))).toEqual({ risk, assumed });
});

const RISKS = ['read', 'write', 'open_world', 'destructive'] as const;

test('of two risks the graver counts, and to take less than what weighs two people are needed', () => {
  for (const [at, one] of RISKS.entries())
    for (const [to, other] of RISKS.entries()) {
      expect(pickGraverRisk(one, other)).toBe(RISKS[Math.max(at, to)]);
      expect(isLowered(one, other)).toBe(to < at);
      expect(takesTwoPeople(one, other)).toBe(to < at || at === 3 || to === 3);
      for (const named of RISKS)
        expect(weighRisk({ declared: one, named, decided: other })).toBe(RISKS[Math.max(at, to, RISKS.indexOf(named))]);
      expect(weighRisk({ declared: one, named: other, decided: null })).toBe(RISKS[Math.max(at, to)]);
    }
});

const ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const entry = { format: 1, id: ID, tenantId: ID, at: '2026-01-01T00:00:00Z', act: 'end', subject: { kind: 'key', id: 'k' } };
const UNTIL = '2026-06-01T00:00:00Z';

test.each<[string, object, own: boolean, readable: boolean]>([
  ['plain', {}, true, true],
  ['of a tool', { subject: { kind: 'tool', id: 's', name: 'orders.get' } }, true, true],
  ['an act of later', { act: 'hold' }, false, true],
  ['a subject of later', { subject: { kind: 'team', id: 't' } }, false, true],
  ['an act of 33 letters', { act: repeat(33) }, false, false],
  ['a subject without an id', { subject: { kind: 'key', id: '' } }, false, false],
  ['an id of 201 characters', { subject: { kind: 'key', id: repeat(201) } }, false, false],
  ['another format', { format: 2 }, false, false],
  ['a time without its zone', { at: '2026-01-01T00:00:00' }, false, false],
  ['a time of another zone', { at: '2026-01-01T00:00:00+02:00' }, false, false],
])('a revocation is written: %s', (_name, more, own, readable) => {
  expect([Revocation, ReadableRevocation].map((form) => form.safeParse({ ...entry, ...more }).success)).toEqual([own, readable]);
});

test.each([
  ['end', 'key', UNTIL, true],
  ['end', 'key', undefined, false],
  ['end', 'person', UNTIL, false],
  ['before', 'person', UNTIL, true],
  ['before', 'session', UNTIL, true],
  ['before', 'key', UNTIL, false],
  ['stop', 'key', UNTIL, false],
  ['lift', 'key', UNTIL, false],
])('to %s a %s until %s is needed for good unless it runs out: %s', (act, kind, until, ends) => {
  const revocation = ReadableRevocation.parse({ ...entry, act, subject: { kind, id: 'x' }, until });
  expect(findPruneTime(revocation)).toBe(ends ? Date.parse(UNTIL) : Infinity);
});

test.each([
  ['01890a5d-ac96-774b-bcce-b302099a8057', 0x01890a5dac96],
  ['01890A5D-AC96-774B-BCCE-B302099A8057', 0x01890a5dac96],
  ['3f786850-e387-450f-8a36-ed7e6dc881de', null],
  ['00000000-0000-7000-8000-000000000000', 0],
  ['x01890a5d-ac96-774b-bcce-b302099a8057', null],
  ['', null],
])('%s was issued at %s', (id, time) => expect(readIssueTime(id)).toBe(time));

test('the root of a log is one hash over those of its entries', () => {
  const hashes = ['aa'.repeat(32), 'bb'.repeat(32)];
  expect(computeLogRoot(hashes)).toBe(
    createHash('sha256')
      .update(Buffer.concat(hashes.map((text) => Buffer.from(text, 'hex'))))
      .digest('hex'),
  );
  expect(computeLogRoot([])).toBe(createHash('sha256').digest('hex'));
});
