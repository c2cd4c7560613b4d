import { expect, onTestFinished, test, vi } from 'vitest';

import { countWork } from '@gatehouse/redaction/testing/count-work';

import { MOST_CONTAINERS, MOST_REWRITTEN } from '../../src/wire/json-bounds.ts';
import { readMessages } from '../../src/wire/json-rpc.ts';
import { readJsonText } from '../../src/wire/json-text.ts';
import { readStrictJson } from '../../src/wire/strict-json.ts';

const NUMBERS = 'More than 250,000 numbers of more digits than a double keeps and keys with escapes are not read in one message.';
const CONTAINERS = 'More than 1,000,000 objects and lists are not read in one message.';

const list = (item: (at: number) => string) => (count: number) =>
  `[${Array.from({ length: count }, (_, at) => item(at)).join(',')}]`;
const toObject = (member: (at: number) => string) => (count: number) => list(member)(count).replace('[', '{').replace(/\]$/, '}');

/** Each writes so many parts of one kind; `most`: how many of them are read. */
const RICH: [what: string, write: (count: number) => string, most: number, sentence: string][] = [
  ['a number beyond all doubles', list(() => '1e999'), MOST_REWRITTEN, NUMBERS],
  ['numbers of too many digits', list((at) => `${725653563933458437n + BigInt(2 * at)}`), MOST_REWRITTEN, NUMBERS],
  ['fractions of too many digits', list((at) => `0.1234567890123456789${at}1`), MOST_REWRITTEN, NUMBERS],
  ['an escaped key in each object', list(() => '{"\\u0061":1}'), MOST_REWRITTEN, NUMBERS],
  ['escaped keys in one object', toObject((at) => `"\\u0061${at}":1`), MOST_REWRITTEN, NUMBERS],
  ['keys that stay escaped', toObject((at) => `"\\"${at}":1`), MOST_REWRITTEN, NUMBERS],
  ['objects of nothing', list(() => '{}'), MOST_CONTAINERS - 2, CONTAINERS],
  ['lists of nothing', list(() => '[]'), MOST_CONTAINERS - 2, CONTAINERS],
  [
    'lists of one another',
    (count) => list(() => `${'['.repeat(50)}${']'.repeat(50)}`)(Math.ceil(count / 50)),
    MOST_CONTAINERS - 50,
    CONTAINERS,
  ],
];

const toAnswer = (result: string) => `{"jsonrpc":"2.0","id":1,"result":{"a":${result}}}`;

test.each(RICH)(
  'T-57: %s: one message has so many and no more, from a server and from a client',
  (_what, write, most, sentence) => {
    expect(readMessages(toAnswer(write(most - 1)))).toHaveLength(1);
    expect(() => readMessages(toAnswer(write(most + 50)))).toThrow(sentence);
    expect(() => readStrictJson(Buffer.from(write(most + 50)))).toThrow(`${sentence} Send less at a time.`);
  },
);

test('T-57: a text that is refused for its numbers has none of them read, and one that is refused for its lists is not parsed', () => {
  const [read, parse] = [vi.spyOn(JSON, 'rawJSON'), vi.spyOn(JSON, 'parse')];
  onTestFinished(() => {
    read.mockRestore();
    parse.mockRestore();
  });
  const fill = (item: string) => `[${`${item},`.repeat((8 * 1024 * 1024) / (item.length + 1))}0]`;
  expect(() => readJsonText(fill('1e999'))).toThrow(NUMBERS);
  expect(read).not.toHaveBeenCalled();
  parse.mockClear();
  for (const item of ['{}', '[]', '[[[[]]]]', '{"a":0}']) expect(() => readJsonText(fill(item))).toThrow(CONTAINERS);
  expect(() => readJsonText('['.repeat(8 * 1024 * 1024))).toThrow(CONTAINERS);
  expect(parse).not.toHaveBeenCalled();
});

test('one number is read for all that are written alike, and an escaped key that needs no escape is read by nobody but the parser', () => {
  const [read, parse] = [vi.spyOn(JSON, 'rawJSON'), vi.spyOn(JSON, 'parse')];
  onTestFinished(() => {
    read.mockRestore();
    parse.mockRestore();
  });
  readJsonText(list(() => '1e999')(1_000));
  expect(read).toHaveBeenCalledTimes(1);
  parse.mockClear();
  expect(JSON.stringify(readJsonText(list(() => '{"\\u0061":1}')(1_000))?.value)).toBe(list(() => '{"a":1}')(1_000));
  // the text, that with other keys, and one key
  expect(parse).toHaveBeenCalledTimes(3);
});

test('what is written within texts is neither an object nor a list', () => {
  const text = JSON.stringify(['[{'.repeat(2 * MOST_CONTAINERS), '\\"[', '"{'.repeat(10)]);
  expect(readJsonText(text)?.value).toEqual(JSON.parse(text));
  // no JSON: a text without an end, also behind a backslash
  for (const broken of [`"${'['.repeat(3 * MOST_CONTAINERS)}`, `"${'['.repeat(3 * MOST_CONTAINERS)}\\"`])
    expect(readJsonText(broken)).toBeNull();
});

test('of a key that is written in several ways the last value counts', () => {
  const text = '{"\\"":1,"\\u0022":2,"a":0,"\\u0061":{"\\u0062":9007199254740993},"\\"":3}';
  expect(JSON.stringify(readJsonText(text)?.value)).toBe('{"\\"":3,"a":{"b":9007199254740993}}');
});

const SHAPES: [what: string, write: (count: number) => string][] = [
  ...RICH.map(([what, write]): [string, (count: number) => string] => [what, write]),
  ['one key again and again', toObject(() => '"a":0')],
  ['one escaped key again and again', toObject(() => '"\\u0061":0')],
  ['one key in every spelling', toObject((at) => (at % 2 === 0 ? '"\\"":0' : '"\\u0022":0'))],
  ['many keys', toObject((at) => `"a${at}":0`)],
  ['numbers with exponents', list(() => '1E1')],
  ['zeros', list(() => '0')],
  ['texts of escapes', list(() => '"\\n"')],
  ['backslashes', (count) => `["${'\\\\'.repeat(count)}"]`],
  ['quotes', (count) => `["${'\\"'.repeat(count)}"]`],
  ['one long number', (count) => `[${'1'.repeat(count)}]`],
];

test.each(SHAPES)('T-57: four times the text is four times the work: %s', (_what, write) => {
  for (const read of [(text: string) => readJsonText(text), readAsClient]) {
    const [little = 0, much = 0] = [500, 2_000].map(write).map((text) => countWork(() => read(text)) / text.length);
    expect(much).toBeLessThan(little * 1.3 + 5);
    expect(much).toBeLessThan(120);
  }
});

/** As a client's: a key that stands twice and a long number end it. */
function readAsClient(text: string): unknown {
  try {
    return readStrictJson(Buffer.from(text));
  } catch {
    return null;
  }
}
