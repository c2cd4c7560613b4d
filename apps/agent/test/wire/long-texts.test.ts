import fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseJson } from '../../src/wire/long-texts.ts';

const LONG = 'a long text that says little '.repeat(700);
const attempt = (parse: (text: string) => unknown, text: string) => {
  try {
    return { value: parse(text) };
  } catch (error) {
    return { refused: error instanceof SyntaxError };
  }
};
const expectSame = (text: string): void => {
  expect(attempt(parseJson, text)).toEqual(attempt((json) => JSON.parse(json), text));
};

test.each([
  ['a text', `"${LONG}"`],
  ['a member', `{"a":1,"b":"${LONG}","c":["${LONG}","x"]}`],
  ['a key', `{"${LONG}":1,"${LONG}x" :2}`],
  ['a member of no prototype', `{"__proto__":"${LONG}"}`],
  ['an escape in it', `{"a":"${LONG}\\n${LONG}","b":"${LONG}\\""}`],
  ['escapes before it', `{"a\\\\":"\\"","b":"${LONG}"}`],
  ['a line break in it', `{"a":"${LONG}\n"}`],
  ['a control character in it', `{"a":"${LONG}\u0001"}`],
  ['letters of many scripts', `{"a":"${LONG}\u{1F600}ä中\u2028"}`],
  ['no end', `{"a":"${LONG}`],
  ['no end of the object', `{"a":"${LONG}"`],
  ['a backslash outside', `{"a":\\"${LONG}"}`],
  ['no JSON before it', `{a:"${LONG}"}`],
  ['two texts side by side', `["${LONG}" "${LONG}"]`],
  ['a key that stands twice', `{"a":"${LONG}","a":"x","b":"y","b":"${LONG}"}`],
])('a long text is read as JSON.parse reads it: %s', (_what, text) => expectSame(text));

test('whatever stands around long texts, JSON or none', () => {
  const part = fc.oneof(
    fc.constantFrom(
      `"${LONG}"`,
      LONG,
      `${LONG}\\`,
      '"',
      '\\',
      '\\"',
      ':',
      ',',
      '{',
      '}',
      '[',
      ']',
      '"a":',
      ' ',
      '1',
      'null',
      '""',
    ),
    fc.json({ maxDepth: 2 }),
  );
  const member = fc.tuple(fc.string(), fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(LONG, `${LONG}"`, `${LONG}\\`)));
  fc.assert(
    fc.property(fc.array(member), (members) => expectSame(JSON.stringify(Object.fromEntries(members)))),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => expectSame(parts.join(''))),
    { numRuns: 1_000 },
  );
});
