import { expect, test } from 'vitest';

import { joinPieces, JsonParts, LONG_PIECE, lookInto, toBody } from '../../src/wire/json-parts.ts';
import { keepText, readJsonText, rememberText, writeBody, writeForReader, writeJson } from '../../src/wire/json-text.ts';
import { joinChunks } from '../../src/wire/work-bytes.ts';

const LONG = 'letters '.repeat(LONG_PIECE / 8);

function gather(...texts: string[]): JsonParts {
  const parts = new JsonParts();
  for (const text of texts) parts.add(text);
  return parts;
}

test.each([
  ['ASCII', [`{"a":"`, LONG, `"}`]],
  ['Latin-1', ['{"ä":"', `${LONG}é`, '"}']],
  ['letters that are ASCII when they are cut to a byte', [`${LONG}\u0141`, LONG]],
  ['pairs', [`${LONG}\u{1F600}`, '\u{1F600}', LONG]],
  ['half of a pair', [`${LONG}\ud800`, LONG]],
])('long JSON in pieces is the bytes of the whole: %s', (_what, texts) => {
  const pieces = gather(...texts).list();
  expect(joinPieces(pieces)).toBe(texts.join(''));
  expect(toBody(pieces)).toEqual(Buffer.from(texts.join('')));
});

test('short JSON stays a text', () => {
  expect(toBody(gather('{"a":', '1', '}').list())).toBe('{"a":1}');
  expect(gather().list()).toEqual([]);
});

test('only a long text of ASCII alone is looked into as bytes', () => {
  expect(String(lookInto(gather('{"a":"', LONG, '"}').list()))).toBe(`{"a":"${LONG}"}`);
  expect(lookInto(gather('{"a":"b"}').list())).toBeNull();
  for (const other of ['é', '\u0141', '\u{1F600}', '\ud800']) expect(lookInto(gather(LONG, other).list())).toBeNull();
});

test.each(['plain', 'ä', '\u0141', '\u{1F600}'])('what is put beside a long text of ASCII is looked at too: %s', (added) => {
  const text = `{"content":"${LONG}"}`;
  const read = readJsonText(text, null, true) ?? expect.unreachable();
  rememberText(read);
  const result = read.value as Record<string, unknown>;
  const changed = keepText({ ...result, [added]: added }, result);
  const whole = `{"content":"${LONG}","${added}":"${added}"}`;
  expect(writeJson(changed)).toBe(whole);
  expect(writeBody({ changed })).toEqual(Buffer.from(`{"changed":${whole}}`));
  const { pieces } = writeForReader(changed);
  expect(lookInto(pieces)).toEqual(added === 'plain' ? Buffer.from(whole) : null);
});

test('a long text that was put beside one of ASCII is none when the whole is changed once more', () => {
  const read = readJsonText(`{"content":"${LONG}"}`, null, true) ?? expect.unreachable();
  rememberText(read);
  const result = read.value as Record<string, unknown>;
  const once = keepText({ ...result, added: `${LONG}\u0141` }, result);
  const twice = keepText({ ...once, last: 1 }, once);
  expect(writeBody({ twice })).toEqual(Buffer.from(`{"twice":{"content":"${LONG}","added":"${LONG}\u0141","last":1}}`));
});

test('a body is read out of its chunks before the next one is joined', () => {
  expect(String(joinChunks([Buffer.from('first '), Buffer.from('body')]))).toBe('first body');
  expect(String(joinChunks([Buffer.from('2nd')]))).toBe('2nd');
  expect(String(joinChunks([Buffer.from('a'), Buffer.from('b')]))).toBe('ab');
  expect(joinChunks([])).toHaveLength(0);
});
