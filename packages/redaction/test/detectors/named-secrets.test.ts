import { expect, test } from 'vitest';

import { findNamedSecrets } from '../../src/detectors/key-names.ts';
import { expectFound } from '../support/marked.ts';

test.each([
  ['an assignment', 'password=«hunter2»'],
  ['with blanks', 'password = «hunter2»'],
  ['with a colon', 'password:«hunter2»'],
  ['with a colon and a blank', 'password: «hunter2»'],
  ['as in Ruby', ':password => «hunter2»'],
  ['as in Go', 'password := «hunter2»'],
  ['compared', 'password == «hunter2»'],
  ['in JSON', '{"password": "«hunter2»"}'],
  ['in JSON in JSON', '{\\"password\\":\\"«hunter2»\\"}'],
  ['in JSON in JSON in JSON', '{\\\\\\"password\\\\\\":\\\\\\"«hunter2»\\\\\\"}'],
  ['an escaped quote within', '"password": "«a\\"b»"'],
  ['a blank within quotes', '"password": "«correct horse»"'],
  ['in single quotes', "password='«hunter 2»'"],
  ['in backticks, over two lines', 'password=`«a\nbc»`'],
  ['a quote that never ends', 'password="«hunter2»'],
  ['a quote that ends with its line', 'password="«hunter2»\nuser=x'],
  ['in a list of Python', "os.environ['DB_PASSWORD'] = '«hunter2»'"],
  ['an element', '<password>«hunter2»</password>'],
  ['an element of a name space', '<x.password>«hunter2»</x.password>'],
  ['an attribute', '<user password="«hunter2»">'],
  ['a query', 'https://h/?token=«abc12»&page=2'],
  ['a connection', 'Server=db;Password=«abc»;User=x'],
  ['a header', 'Authorization: «Bearer plainword7»'],
  ['a header with a scheme', 'Authorization: «Basic cGxhaW4=»'],
  ['a header of another scheme', 'Authorization: «Negotiate abc»'],
  ['words before the name', 'client secret: «plain-word-7»'],
  ['two words that are one name', 'the api key=«x1y2»'],
  ['two others', 'Session ID: «abc1»'],
  ['a backslash at the end', 'password="«hunter2»\\'],
  ['three characters', 'pin=«123»'],
  ['one word that a person chose', 'password: «sunshine»'],
  ['one word of fifteen letters', 'token: «abcdefghijklmno»'],
  ['a word with a digit', 'token: «abc1»'],
  ['a word without a blank before it', 'token:«abc»'],
  ['a word in quotes', 'token: "«abc»"'],
  ['what looks like a placeholder further on', 'password=«a$B»'],
  ['letters beyond ASCII', 'salasana=«sääkätö»'],
  ['half a surrogate pair', 'password=«ab\uD800»'],
  ['two in a row', 'password=«abc» token=«x-1»'],
  ['a value that names another', 'token=«password=abc»'],
])('the value of a named field: %s', (_name, marked) => {
  expectFound((text) => mergeSame(findNamedSecrets(text)), marked, 'key-name');
});

test.each([
  ['two characters', 'pin=12'],
  ['nothing', 'password='],
  ['an empty text', 'password=""'],
  ['another name', 'keyboard=qwerty'],
  ['a name in the middle', 'password_length=12345'],
  ['two words that are another name', 'the sort key=x1y2'],
  ['a variable of a shell', 'password=$DB_PASSWORD'],
  ['a variable in braces', 'password: ${DB_PASSWORD}'],
  ['a variable of Windows', 'password=%PASSWORD%'],
  ['a place in angle brackets', 'password=<yours>'],
  ['a place in braces', 'password={{password}}'],
  ['true', 'password: true'],
  ['null', '"token": null,'],
  ['None', 'token=None'],
  ['undefined', 'token=undefined'],
  ['a type', '"token": "string"'],
  ['required', 'token: required'],
  ['a variable of Node', 'token=process.env.TOKEN'],
  ['a variable of Python', 'token=os.environ["TOKEN"]'],
  ['dots', 'token=...'],
  ['stars', 'password=********'],
  ['crosses', 'password=xxxxxx'],
  ['what is gone already', 'password=[redacted:key-name]'],
  ['what is gone already, with its scheme', 'Authorization: Bearer [redacted:token]'],
  ['a sentence', 'The token: a short story'],
  ['a sentence of one word', 'token: yesterday.'],
  ['a letter beyond ASCII behind the name', 'passwordä=abcdef'],
  ['an element that is not the name alone', 'a password>abcdef'],
  ['a name of one letter', 'p=abcdef'],
  ['a sign at the beginning', '=abcdef'],
  ['nothing at all', ''],
])('no value of a named field: %s', (_name, text) => {
  expect(findNamedSecrets(text)).toEqual([]);
});

test.each([
  ['a long option', 'tool --client-secret «plainword» --verbose'],
  ['a short one', 'tool -password «plainword»'],
  ['with quotes', 'tool --token "«plain word»"'],
  ['a login', 'curl -u «robot:plainword» https://h'],
  ['a login without a blank', 'curl -u«robot:plainword» https://h'],
  ['a long login', 'curl --user «robot:plainword»'],
  ['a login with an equals sign', 'curl --user=«robot:plainword»'],
  ['a login before a proxy', 'curl -U «robot:plainword»'],
  ['a long login before a proxy', 'curl --proxy-user «robot:plainword»'],
  ['a login in quotes', "curl -u '«robot:plain word»'"],
])('the value of an option: %s', (_name, marked) => {
  expectFound((text) => mergeSame(findNamedSecrets(text)), marked, 'key-name');
});

test.each([
  ['another option', 'tool --client-name plainword'],
  ['an option without a value', 'tool --token'],
  ['a placeholder', 'tool --token $TOKEN'],
  ['an option within a word', 'x--token plainword'],
  ['a user without a password', 'tool -u robot next:x'],
  ['a login of 257 letters', `curl -u ${'r'.repeat(257)}:p`],
])('no value of an option: %s', (_name, text) => {
  expect(findNamedSecrets(text)).toEqual([]);
});

test('the name of a login has 256 characters at most', () => {
  expect(findNamedSecrets(`curl -u ${'r'.repeat(256)}:p`)).toEqual([{ start: 8, end: 266, rule: 'key-name' }]);
});

test.each([
  ['bearer', 'sent bearer «plainword7» on'],
  ['Basic', 'sent Basic «cGxhaW46d29yZA==» on'],
  ['token', 'sent token «abcDefgh» on'],
  ['at the end of a sentence', 'sent bearer «plainword7.»'],
])('a value behind its scheme: %s', (_name, marked) => {
  expectFound(findNamedSecrets, marked, 'token');
});

test.each([
  ['a sentence', 'a basic understanding of it'],
  ['seven characters', 'bearer abcdef7'],
  ['a word before it', 'x-bearer plainword7'],
  ['small letters alone', 'the bearer plainword'],
])('no value behind a scheme: %s', (_name, text) => {
  expect(findNamedSecrets(text)).toEqual([]);
});

test('names are read back over 60 characters, values on over 8,192', () => {
  const found = (text: string) => findNamedSecrets(text).map(({ start, end }) => [start, end - start]);
  expect(found(`password=${'1'.repeat(8_192)}`)).toEqual([[9, 8_192]]);
  expect(found(`password=${'1'.repeat(8_193)}`)).toEqual([[9, 8_192]]);
  expect(found(`password="${'1'.repeat(8_193)}"`)).toEqual([[10, 8_192]]);
  // from the 61st character on it may be another name
  expect(found(`${'x'.repeat(60)}_pin=123456`)).toEqual([[65, 6]]);
  expect(found(`my pin=123456`)).toEqual([[7, 6]]);
});

test('between the name and its sign stand five characters at most, before the value four', () => {
  expect(findNamedSecrets('password     =abcdef')).toHaveLength(1);
  expect(findNamedSecrets('password      =abcdef')).toHaveLength(0);
  expectFound(findNamedSecrets, 'password=    «abcdef»', 'key-name');
  expect(findNamedSecrets('password=     abcdef')).toEqual([]);
});

/** A value may be found by its name and by its scheme or its option. */
function mergeSame(spans: ReturnType<typeof findNamedSecrets>): ReturnType<typeof findNamedSecrets> {
  const named = spans.filter(({ rule }) => rule === 'key-name');
  return named.filter((span) => !named.some((other) => other !== span && other.start <= span.start && other.end >= span.end));
}
