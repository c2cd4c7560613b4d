import { expect, test } from 'vitest';

import { CredentialScrub } from '../../src/secrets/credential-scrub.ts';

const SECRET = 'sk-live_51H/x+Qz&7pR';
const MARK = '[redacted:credential]';

function createScrub(): CredentialScrub {
  const scrub = new CredentialScrub();
  scrub.add(SECRET);
  return scrub;
}

test('T-28: a credential goes from texts, keys and lists of bytes wherever they stand, and the rest keeps its form', () => {
  const buffer = Buffer.from(SECRET);
  const value = {
    content: [{ type: 'text', text: `token=${SECRET.toUpperCase()}` }],
    structuredContent: {
      [SECRET]: 1,
      list: [...buffer],
      typed: Object.assign({}, new Uint8Array(buffer)),
      buffer: buffer.toJSON(),
      other: [1, 2, 3],
    },
  };
  expect(createScrub().scrubValue(value)).toEqual({
    content: [{ type: 'text', text: `token=${MARK}` }],
    structuredContent: { [MARK]: 1, list: MARK, typed: MARK, buffer: { type: 'Buffer', data: MARK }, other: [1, 2, 3] },
  });
});

test('T-28: a credential within the base64 of a resource takes the whole of it along', () => {
  const blob = Buffer.from(`[default]\nkey = ${SECRET}\n`).toString('base64');
  expect(createScrub().scrubValue({ contents: [{ uri: 'file:///a', blob }] })).toEqual({
    contents: [{ uri: 'file:///a', blob: MARK }],
  });
});

const letters = Array.from(SECRET);
const cutHalf = (index: number) => (index === 0 ? SECRET.slice(0, 9) : SECRET.slice(9));
const makeText = (part: string) => ({ type: 'text', text: part });
const bytes = [...Buffer.from(SECRET)];

test.each<[string, unknown]>([
  ['a list of letters', { list: letters }],
  ['an object of letters', { list: Object.fromEntries(letters.entries()) }],
  ['two texts of a list', { list: [cutHalf(0), cutHalf(1)] }],
  ['two content items', { content: [makeText(cutHalf(0)), makeText(cutHalf(1))] }],
  [
    'two content items with other words around it',
    { content: [makeText(`it is ${cutHalf(0)}`), makeText(`${cutHalf(1)}, I think`)] },
  ],
  ['long content items', { content: [makeText('a '.repeat(9_000) + cutHalf(0)), makeText(cutHalf(1) + ' b'.repeat(9_000))] }],
  ['a letter in each content item', { content: letters.map(makeText) }],
  ['fields of one object', { structuredContent: { first: cutHalf(0), second: cutHalf(1) } }],
  ['fields that are apart', { rows: letters.map((letter, at) => ({ at, letter, note: `row ${at}` })) }],
  ['keys', { structuredContent: { [cutHalf(0)]: 1, [cutHalf(1)]: 2 } }],
  ['a byte in each object', { rows: bytes.map((byte, at) => ({ at, byte, note: 'x' })) }],
  [
    'lines of its base64',
    {
      pem: Buffer.from(SECRET)
        .toString('base64')
        .match(/.{1,8}/g),
    },
  ],
  [
    'halves of its hex',
    {
      list: Buffer.from(SECRET)
        .toString('hex')
        .match(/.{1,20}/g),
    },
  ],
  ['a text that holds the list', { content: [makeText(JSON.stringify({ letters }))] }],
  ['a text with a letter in each line', { content: [makeText(letters.join('\n'))] }],
  ['a text with dashes between', { content: [makeText(letters.join('-'))] }],
])('T-28: a credential in pieces is gone: %s', (_, value) => {
  const scrub = createScrub();
  const json = scrub.toJson(value);
  expect(json).toContain(MARK);
  expect(scrub.toJson(scrub.scrubValue(value))).toBe(json);
  const leftovers = json.match(/[\w/+&-]{9,}/g)?.join(' ') ?? '';
  expect(leftovers).not.toContain(cutHalf(0));
  expect(leftovers).not.toContain(cutHalf(1));
});

test('T-28: what stands beside the pieces of a credential stays as it is', () => {
  const value = {
    content: [makeText(`it is ${cutHalf(0)}`), makeText(`${cutHalf(1)}, I think`)],
    structuredContent: { 7: 'b', a: [1.5, null, true, cutHalf(0)] },
  };
  expect(createScrub().scrubValue(value)).toEqual({
    content: [makeText(`it is ${MARK}`), makeText(`${MARK}, I think`)],
    structuredContent: { 7: 'b', a: [1.5, null, true, cutHalf(0)] },
  });
});

test('what holds no credential is the same value', () => {
  const value = { numbers: [115, 107, 45, 108], text: 'sk-live' };
  expect(createScrub().scrubValue(value)).toBe(value);
});

test.each([
  [
    'a list within a list of one',
    {
      rows: [
        {
          cells: [
            { a: SECRET.slice(0, 9), b: 'one' },
            { a: SECRET.slice(9), b: 'two' },
          ],
        },
      ],
    },
  ],
  ['an object whose keys are numbers', { 0: { a: SECRET.slice(0, 9), b: 'one' }, 1: { a: SECRET.slice(9), b: 'two' } }],
  ['an object with a number and a star', { 0: { a: SECRET.slice(0, 9), b: 'one' }, '*': { a: SECRET.slice(9), b: 'two' } }],
])('T-28: a credential goes that lies at the same place of the items of %s', (_, value) => {
  const json = createScrub().toJson(value);
  expect(json).not.toContain(SECRET.slice(0, 9));
  expect(json).not.toContain(SECRET.slice(9));
});
