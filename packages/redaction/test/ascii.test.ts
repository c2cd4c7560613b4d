import fc from 'fast-check';
import { expect, test } from 'vitest';

import { findByteLists } from '../src/byte-lists.ts';
import { createSecretFinder } from '../src/held-secrets.ts';
import { findLetterLists } from '../src/letter-lists.ts';
import { ADVERSARIAL } from '../src/testing/adversarial.ts';
import { listWrittenForms } from '../src/written-forms.ts';

const SECRETS = [
  'sk_live_51HxKQzs7pRbw9TfAm2Zc',
  'orders-key+4711/x_y',
  'a b-c+d_e/f',
  `${'a'.repeat(40)}-`,
  'Zwölf%3Dböse&Wörter\\u0041',
];
const find = createSecretFinder(SECRETS);
const isAscii = (text: string) => Buffer.from(text).every((code) => code >= 0x20 && code < 0x80);
const toBytes = (text: string) => Buffer.from(text, 'latin1');
const WORDS = 'the order was packed this morning and leaves the warehouse before noon together with two others ';

/** What may stand before, between and behind: long enough to be passed over, and what ends that. */
const filler = fc.oneof(
  fc.nat({ max: 700 }).map((length) => WORDS.repeat(8).slice(0, length)),
  fc.constantFrom('\\n', '\\\\', '\\"', '=', '=\\n', '%', '%20', '&amp;', '&', '\x7F', '"', '{"a":1,"b":', ' ', '1,', '.'),
  fc.string({ unit: fc.constantFrom(...Array.from('skliveordabc0147-+_/ ,."')), maxLength: 12 }),
);
const writeChanged = (form: string) =>
  fc.oneof(
    fc.constant(form),
    fc.constantFrom(
      form.toUpperCase(),
      form.toLowerCase(),
      form.replaceAll('-', ' '),
      form.replaceAll('/', '_'),
      form.replaceAll('+', '-'),
    ),
    fc.nat({ max: form.length }).map((at) => form.slice(at)),
    fc.nat({ max: form.length }).map((at) => form.slice(0, at)),
    fc.nat({ max: form.length }).map((at) => `${form.slice(0, at)}\\n  ${form.slice(at)}`),
    fc.nat({ max: form.length }).map((at) => `${form.slice(0, at)}\\${form.slice(at)}`),
    fc.constant(JSON.stringify([...Buffer.from(form)])),
    fc.constant(JSON.stringify(Array.from(form))),
    fc.constant(Array.from(form).join('.')),
  );
const planted = fc
  .constantFrom(
    ...SECRETS.flatMap(listWrittenForms)
      .map(({ text }) => text)
      .filter(isAscii),
  )
  .chain(writeChanged);
const text = fc
  .array(fc.oneof({ weight: 3, arbitrary: filler }, { weight: 1, arbitrary: planted }), { maxLength: 12 })
  .map((parts) => parts.join(''))
  .filter(isAscii);

test('in a text that is known in bytes the same is found as in its characters', () => {
  fc.assert(
    fc.property(text, (text) => {
      expect(find(text, toBytes(text))).toEqual(find(text));
    }),
    { numRuns: 3_000 },
  );
});

test.each(
  SECRETS.flatMap((secret) => listWrittenForms(secret).map(({ text }) => text))
    .filter(isAscii)
    .map((form) => [form]),
)('in every place of a long text and of the end of one: %s', (form) => {
  const missed: number[] = [];
  for (let before = 300; before < 308; before += 1)
    for (const behind of ['', ' ', '\\n', '\\nx', WORDS, `=${WORDS.repeat(3)}`, ` ${WORDS.repeat(4)}`]) {
      const text = WORDS.repeat(4).slice(0, before) + form + behind;
      if (JSON.stringify(find(text, toBytes(text))) !== JSON.stringify(find(text))) missed.push(before);
    }
  expect(missed).toEqual([]);
});

test.each(Object.entries(ADVERSARIAL))('the same in what was made to be slow: %s', (_what, write) => {
  const text = write(4_000);
  if (isAscii(text)) expect(find(text, toBytes(text))).toEqual(find(text));
});

test('lists of bytes and of letters are the same in a text that is known in bytes', () => {
  const holds = () => true;
  fc.assert(
    fc.property(text, (text) => {
      expect(findByteLists(text, holds, toBytes(text))).toEqual(findByteLists(text, holds));
      expect(findLetterLists(text, holds, toBytes(text))).toEqual(findLetterLists(text, holds));
    }),
    { numRuns: 2_000 },
  );
});
