import { expect, test } from 'vitest';

import { passesLuhn } from '../../src/detectors/checksums.ts';
import { findNumbers } from '../../src/detectors/personal-data.ts';
import { expectFound } from '../support/marked.ts';

/** The digits with the one behind them that makes the sum right. */
function completeLuhn(digits: string): string {
  const last = Array.from('0123456789').find((digit) => passesLuhn(digits + digit));
  return digits + (last ?? '');
}

test.each([
  ['Visa', '4', 13],
  ['Visa', '4', 16],
  ['Visa', '4', 19],
  ['Mastercard', '51', 16],
  ['Mastercard, second series', '2221', 16],
  ['American Express', '34', 15],
  ['American Express', '37', 15],
  ['Diners Club', '300', 14],
  ['Diners Club', '36', 14],
  ['Diners Club', '38', 14],
  ['Diners Club', '39', 14],
  ['JCB', '35', 16],
  ['UATP', '1', 15],
  ['Maestro', '60', 12],
  ['Discover', '6011', 16],
  ['UnionPay', '62', 17],
  ['Maestro', '67', 19],
])('a card of %s: %s and further, %i digits', (_name, start, length) => {
  const card = completeLuhn(start.padEnd(length - 1, '7'));
  expectFound(findNumbers, `card «${card}».`, 'card');
  const wrong = `${card.slice(0, -1)}${(Number(card.at(-1)) + 1) % 10}`;
  expect(findNumbers(`card ${wrong}.`).filter(({ rule }) => rule === 'card')).toEqual([]);
});

test.each([
  ['Visa of fourteen digits', '4', 14],
  ['Visa of eighteen', '4', 18],
  ['Mastercard of fifteen', '51', 15],
  ['American Express of sixteen', '34', 16],
  ['31, which nobody has', '31', 14],
  ['Discover of eleven', '6011', 11],
  ['Discover of twenty', '6011', 20],
  ['seven', '7', 16],
  ['eight', '8', 16],
  ['nought', '0', 16],
])('no card: %s', (_name, start, length) => {
  const number = completeLuhn(start.padEnd(length - 1, '7'));
  expect(findNumbers(`card ${number}.`).filter(({ rule }) => rule === 'card')).toEqual([]);
});

test.each([
  ['in groups of four', '«4111 1111 1111 1111»'],
  ['with hyphens', '«4111-1111-1111-1111»'],
  ['in uneven groups', '«3782-822463-10005»'],
  ['in JSON', '{"card":"«4111111111111111»"}'],
  ['as a number in JSON', '{"card":«4111111111111111»}'],
  ['two with a blank between', '«4111111111111111» «4111111111111111»'],
  ['at the end of a sentence', 'It is «4111111111111111».'],
  ['behind a word', 'card «4111111111111111»'],
])('a card is found: %s', (_name, marked) => {
  expectFound(findNumbers, marked, 'card');
});

test.each([
  ['two kinds of separators', '4111-1111 1111-1111'],
  ['two blanks', '4111  1111  1111  1111'],
  ['groups of one', '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1'],
  ['a letter before it', 'x4111111111111111'],
  ['a letter behind it', '4111111111111111x'],
  ['an underscore before it', '_4111111111111111'],
  ['a digit more', '41111111111111111'],
])('no card is found: %s', (_name, text) => {
  expect(findNumbers(text).filter(({ rule }) => rule === 'card')).toEqual([]);
});

test.each([
  ['of a house', 'at «192.168.10.1» now'],
  ['with a port', '«10.0.0.1»:8080'],
  ['of a network', '«10.0.0.0/8»'],
  ['in an address', 'http://«10.0.0.1»/x'],
  ['the highest', '«255.255.255.255»'],
  ['at the end of a sentence', 'It is «10.0.0.1».'],
  ['in JSON', '"«127.0.0.1»"'],
])('an address of version 4: %s', (_name, marked) => {
  expectFound(findNumbers, marked, 'ip');
});

test.each([
  ['a number above 255', '10.0.0.256'],
  ['three numbers', '10.20.300'],
  ['five numbers', '10.0.0.1.5'],
  ['a letter behind it', '10.0.0.1a'],
  ['a letter before it', 'v10.0.0.1'],
  ['a nought before it', '010.000.000.001'],
])('no address of version 4: %s', (_name, text) => {
  expect(findNumbers(text).filter(({ rule }) => rule === 'ip')).toEqual([]);
});

test.each([
  ['with hyphens', 'is «219-09-9998» it'],
  ['with dots', '«219.09.9998»'],
  ['with blanks', '«219 09 9998»'],
  ['without, behind its name', 'SSN: «219099998»'],
  ['without, behind its long name', 'social security number is «219099998»'],
  ['half separated, behind its name', 'ssn «219-099998»'],
])('a social security number: %s', (_name, marked) => {
  expectFound((text) => findNumbers(text).filter((span) => span.rule === 'national-id'), marked, 'national-id');
});

test.each([
  ['without its name', '219099998'],
  ['two kinds of separators', '219-09.9998'],
  ['an area that is never given', '666-09-9998'],
  ['a digit more', '219-09-99981'],
  ['a hyphen before it', '-219-09-9998'],
  ['a hyphen behind it', '219-09-9998-1'],
])('no social security number: %s', (_name, text) => {
  expect(findNumbers(text).filter(({ rule }) => rule === 'national-id')).toEqual([]);
});

test.each([
  ['of Finland', 'call «+358 40 123 4567» now'],
  ['without blanks', '«+358401234567»'],
  ['eight digits', '«+35840123»'],
  ['fifteen digits', '«+123456789012345»'],
  ['with brackets', '«+44 (0)20 7946 0958»'],
  ['of America', '«(415) 555-0132»'],
  ['of America, with the country', '«1 (415) 555-0132»'],
  ['with hyphens', '«415-555-0132»'],
  ['with dots', '«415.555.0132»'],
  ['within a country', '«040-123 4567»'],
  ['of Poland', '«512-345-67-89»'],
  ['behind its word', 'phone: «5550132»'],
  ['behind another word', 'Puhelin «12345678»'],
  ['behind words', 'Call me on «12345678»'],
  ['at the end of a sentence', 'It is «+358 40 123 4567».'],
])('a phone number: %s', (_name, marked) => {
  expectFound(findNumbers, marked, 'phone');
});

test.each([
  ['seven digits behind a plus', '+3584012'],
  ['sixteen digits behind a plus', '+1234567890123456'],
  ['a number without its word', '5550132'],
  ['the number of an order', 'order number 12345678'],
  ['six digits behind its word', 'phone 123456'],
  ['a date', '2026-11-21'],
  ['a date with dots', '21.11.2026'],
  ['a date behind its word', 'call 2026-11-21'],
  ['milliseconds', '1763721294026'],
  ['a price', '1 234 567.89'],
  ['a letter before it', 'x+358401234567'],
  ['a letter behind it', '+358401234567x'],
  ['nothing', ''],
])('no phone number: %s', (_name, text) => {
  expect(findNumbers(text)).toEqual([]);
});

test.each([
  '00000000-0000-4000-8000-000000000001',
  '01234567-0123-4123-8123-012345678901',
  '40111111-1111-4111-8111-111111111111',
])('within a UUID nothing is a number, and beside it one is: %s', (id) =>
  expectFound(findNumbers, `id ${id} and «+358 40 123 4567»`, 'phone'),
);
