import { expect, test } from 'vitest';

import { findEmails } from '../../src/detectors/personal-data.ts';
import { expectFound } from '../support/marked.ts';

test.each([
  ['plain', 'to «ada@corp.fi» now'],
  ['with a tag', '«ada.lovelace+orders@mail.corp.co.uk»'],
  ['of one letter', '«a@b.fi»'],
  ['in angle brackets', 'Ada <«ada@corp.fi»>'],
  ['in JSON', '{"to":"«ada@corp.fi»"}'],
  ['behind mailto', 'mailto:«ada@corp.fi»?subject=x'],
  ['at the end of a sentence', 'Ask «ada@corp.fi».'],
  // the sign may be a part of it
  ['behind an equals sign', '«to=ada@corp.fi»&y'],
  ['in quotes', "'«ada@corp.fi»'"],
  ['behind a path', '/«ada@corp.fi»'],
  ['two of them', '«a@b.fi», «c@d.fi»'],
  ['letters of Finnish', '«käyttäjä@esimerkki.fi»'],
  ['letters of Greek', '«αλφα@δοκιμή.gr»'],
  ['letters of Chinese', '«用户@例子.中国»'],
  ['decomposed letters end it', 'a\u0308«b@corp.fi»'],
  ['in Punycode', '«ada@xn--4ca0bs.xn--p1ai»'],
  ['all that RFC 5322 allows', "«!#$%&'*+/=?^_`{|}~-a@corp.fi»"],
  ['digits', '«12345@corp.fi»'],
  ['of a machine of the house', '«root@db-1.corp.local»'],
  ['after an at sign alone', '@ «ada@corp.fi»'],
  ['after an emoji', '\u{1F600}«ada@corp.fi»'],
  ['eight levels', '«a@1.2.3.4.5.6.7.8.fi»'],
  ['a label of 63 letters', `«a@${'d'.repeat(63)}.fi»`],
])('an address: %s', (_name, marked) => {
  expectFound(findEmails, marked, 'email');
});

test.each([
  ['no domain', 'ada@'],
  ['no top level', 'ada@corp'],
  ['a top level of one letter', 'ada@corp.f'],
  ['a top level that begins with a digit', 'ada@corp.1fi'],
  ['nothing before it', '@corp.fi'],
  ['a blank before it', 'ada @corp.fi'],
  ['a blank behind it', 'ada@ corp.fi'],
  ['a dot behind it', 'ada@.corp.fi'],
  ['a hyphen behind it', 'ada@-corp.fi'],
  ['a handle', 'ask @ada'],
  ['a package', '@scope/name'],
  ['an address in brackets', 'ada@[10.0.0.1]'],
  ['only what is left out at its beginning', "./'=@corp.fi"],
  ['a label of 64 letters', `a@${'d'.repeat(64)}.fi`],
  ['nothing', ''],
])('no address: %s', (_name, text) => {
  expectFound(findEmails, text, 'email');
});

test('of the part before the at sign 64 characters belong to it, and never half a character', () => {
  expectFound(findEmails, `«${'a'.repeat(64)}@corp.fi»`, 'email');
  expectFound(findEmails, `a«${'a'.repeat(64)}@corp.fi»`, 'email');
  expect(findEmails('\uDE00@corp.fi')).toEqual([]);
});
