import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';

import { isExactNumber, readNumber } from '@gatehouse/policy/documents/exact-number';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { readCall } from '../../src/call/request.ts';
import { joinPieces } from '../../src/wire/json-parts.ts';
import { readMessages } from '../../src/wire/json-rpc.ts';
import { keepText, readJsonText, rememberText, writeForReader, writeJson } from '../../src/wire/json-text.ts';
import { jsonObjectText, jsonText } from '../support/json-texts.ts';

function read(text: string): unknown {
  const found = readJsonText(text);
  if (!found) throw new Error(`no JSON: ${text}`);
  rememberText(found);
  return found.value;
}

/** The value as all of its digits and letters, whatever its spelling. */
const toDigits = (text: string): string => JSON.stringify(readJsonText(text)?.value);

test('what was read is written letter for letter as it came', () => {
  fc.assert(
    fc.property(jsonObjectText, (text) => {
      expect(writeJson(read(text))).toBe(text);
      expect(writeJson({ params: { arguments: read(text) } })).toBe(`{"params":{"arguments":${text}}}`);
    }),
    { numRuns: 1_000 },
  );
});

test('the digits of every number are read, whatever a double keeps', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.integer({ min: 0, max: 12 }), (digits, places) => {
      const raw = `${digits}.${'1'.padStart(places + 1, '0')}`;
      const [back] = read(`[${raw}]`) as unknown[];
      expect(isExactNumber(back) ? back.rawJSON : String(back)).toBe(isExactNumber(back) ? raw : String(Number(raw)));
    }),
  );
});

test('a text with numbers that no double keeps is read as a reviver would read it, without one', () => {
  const parse = vi.spyOn(JSON, 'parse');
  onTestFinished(() => parse.mockRestore());
  const readAll = (text: string) => JSON.stringify(readJsonText(text)?.value);
  fc.assert(
    fc.property(fc.array(jsonText), (texts) => {
      const text = `{"list":[${texts.join(',')}],"__proto__":725653563933458437,"0":{"deep":[1.5,0.1234567890123456789]}}`;
      parse.mockClear();
      const found = readAll(text);
      expect(parse.mock.calls.every(([, reviver]) => reviver === undefined)).toBe(true);
      const revived: unknown = JSON.parse(text, (_key, value, { source }) =>
        typeof value === 'number' && source !== undefined ? readNumber(source) : value,
      );
      expect(found).toBe(JSON.stringify(revived));
    }),
    { numRuns: 500 },
  );
});

test('of every number it is known whether it is spelled as ECMAScript spells it', () => {
  const digits = fc.stringMatching(/^-?(?:0|[1-9]\d{0,17})(?:\.(?:0{0,8}\d{1,9}|\d{1,17}))?(?:[eE][+-]?\d{1,2})?$/);
  fc.assert(
    fc.property(digits, (raw) => {
      const isUsual = String(Number(raw)) === raw;
      expect(writeForReader(read(`[${raw}]`))).toMatchObject({
        pieces: [{ text: `[${raw}]` }],
        plain: isUsual,
        respelled: !isUsual,
      });
      const [value] = read(`[${raw}]`) as unknown[];
      expect(JSON.stringify(value)).toBe(JSON.stringify(readNumber(raw)));
    }),
    { numRuns: 20_000 },
  );
});

test.each([
  ['escapes', '{"\\u0074oken":1}', { plain: false, respelled: false }],
  ['numbers', '{"n":1.50}', { plain: false, respelled: true }],
])('%s that were put into a plain value are looked for in it', (_what, other, form) => {
  const original = read('{"a":{"b":1},"list":[{"c":1}]}') as { a: JsonObject; list: JsonObject[] };
  for (const changed of [
    { ...original, a: read(other) },
    { ...original, added: { deeper: read(other) } },
    { ...original, list: [read(other)] },
  ]) {
    expect(writeForReader(keepText(changed, original))).toMatchObject({
      pieces: [{ text: expect.stringContaining(other) }],
      ...form,
    });
  }
});

test('of a value that was changed in one place the rest is written as it came, and what it says is what it was changed to', () => {
  fc.assert(
    fc.property(jsonObjectText, jsonText, jsonText, (text, other, more) => {
      const whole = `{ "first" : ${text} , "in\\u006eer":{"kept":${other}, "changed" : 1.0} ,"list":[ ${other} ,2.50] }`;
      const original = read(whole);
      if (!isJsonObject(original) || !Array.isArray(original['list'])) throw new Error('no object');
      const changed = {
        ...original,
        inner: {
          kept: original['inner'] && (original['inner'] as { kept: unknown }).kept,
          changed: 2,
          added: readJsonText(more)?.value,
        },
        list: [...(original['list'] as unknown[]), 'new'],
      };
      const says = JSON.stringify(changed);
      const written = writeJson(keepText(changed, original));
      expect(toDigits(written)).toBe(toDigits(says));
      expect(written).toContain(`"first":${text}`);
      expect(written).toContain(`"kept":${other}`);
      expect(written).toContain(`[${other},2.50,"new"]`);
    }),
    { numRuns: 500 },
  );
});

test('what is called plain is what JSON.stringify writes', () => {
  fc.assert(
    fc.property(jsonObjectText, (text) => {
      const value = read(text);
      const { pieces, plain } = writeForReader(value);
      if (plain) expect(joinPieces(pieces)).toBe(JSON.stringify(value));
    }),
    { numRuns: 1_000 },
  );
  const usual = '{"content":[{"type":"text","text":"C:\\n \\"x\\" é"}],"n":[1,-2,0.5,1e+30],"isError":false}';
  expect(writeForReader(read(usual))).toEqual({ pieces: [{ text: usual, isAscii: false }], plain: true, respelled: false });
});

test.each([
  ['\\u escapes', '{"a":"\\u0041"}'],
  ['an escaped slash', '{"a":"\\/"}'],
  ['blanks', '{"a": 1}'],
  ['another spelling of a number', '{"a":1.0}'],
  ['keys that are numbers, out of order', '{"2":1,"1":1}'],
])('%s are not plain', (_what, text) => {
  expect(writeForReader(read(text))).toMatchObject({ pieces: [{ text }], plain: false });
});

test('a changed value never goes out as it was before', () => {
  const original = read('{"a":1.50,"b":2}');
  expect(writeJson(isJsonObject(original) && { ...original, b: 3 })).toBe('{"a":1.5,"b":3}');
});

test('of a key that stands twice the last one counts, and the first one is not passed on', () => {
  const [message] = readMessages('{"jsonrpc":"2.0","id":1,"result":{"a":"first","\\u0061":"last","n":1.50}}');
  expect(message?.kind === 'answer' && 'result' in message.answer && writeJson(message.answer.result)).toBe(
    '{"a":"last","n":1.5}',
  );
});

test('each message of a batch is as it came', () => {
  const [first, second] = readMessages(
    '[ {"jsonrpc":"2.0","id":1,"result":{"n" : 1.50}} , {"jsonrpc":"2.0","method":"m","params":{"big":725653563933458437 }}]',
  );
  expect(first?.kind === 'answer' && 'result' in first.answer && writeJson(first.answer.result)).toBe('{"n" : 1.50}');
  expect(second?.kind === 'message' && writeJson(second.message.params)).toBe('{"big":725653563933458437 }');
});

test('a text that is deep enough to end whoever walks through it is refused', () => {
  const nest = (levels: number) => `${'['.repeat(levels)}9007199254740993${']'.repeat(levels)}`;
  expect(readJsonText(nest(1_000))).not.toBeNull();
  expect(() => readJsonText(nest(1_001))).toThrow('More than 1,000 levels');
  expect(() => readJsonText(nest(200_000))).toThrow('More than 1,000 levels');
});

test('a client may send as many answers as a body holds', () => {
  const answers = Array.from({ length: 200_000 }, (_, n) => `"k${n}":{"n":1.0}`).join(',');
  const params = read(`{"name":"a","inputResponses":{${answers}}}`) as JsonObject;
  // looked up one by one in all of them, they would take hours
  const call = readCall('tools/call', params);
  expect(writeJson(call?.retry?.inputResponses?.['k199999'])).toBe('{"n":1.0}');
});

test.each([
  ['{"first":1,"\\\\u0074":2}', '{"first":1,"\\u0074enant":"other"}', { first: 1, tenant: 'other' }],
  ['{"second":1,"\\\\":2}', '{"second":1,"\\n":{"\\"":0}}', { second: 1, '\n': { '"': 0 } }],
  [
    '{"third":1,"\\\\u0031":2}',
    '{"third":1,"b":0,"\\u00311":0,"\\u0031":12345678901234567}',
    { 1: 12345678901234568, 11: 0, third: 1, b: 0 },
  ],
])('behind %s the keys of %s are what they say', (before, text, value) => {
  for (let times = 0; times < 3; times += 1) readJsonText(before);
  const read = readJsonText(text)?.value;
  expect(Object.keys(read as object)).toEqual(Object.keys(value));
  expect(JSON.stringify(read)).toBe(JSON.stringify({ ...value }).replace('12345678901234568', '12345678901234567'));
});
