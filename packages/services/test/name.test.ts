import { expect, test } from 'vitest';

import { Email, NewEmail } from '../src/auth/email.ts';
import { createNameSchema } from '../src/name.ts';
import { NewSlug, NewWorkspaceSlug } from '../src/slug.ts';

const Name = createNameSchema(40);

test.each([
  ['  Ada   Lovelace ', 'Ada Lovelace'],
  ['Ada\u00a0Lovelace\n', 'Ada Lovelace'],
  ['A\u0308rzte & \u00d8rsted', '\u00c4rzte & \u00d8rsted'],
  ['Анна Каренина', 'Анна Каренина'],
  ['山田 太郎', '山田 太郎'],
  ['علی رضا', 'علی رضا'],
  ['می\u200cخواهم', 'می\u200cخواهم'],
  ['Team 🚀', 'Team 🚀'],
  ['Gebq Fgneg va Bgfb', 'Gebq Fgneg va Bgfb'],
])('the name %j is kept as %j', (text, name) => {
  expect(Name.parse(text)).toBe(name);
});

test.each([
  '',
  ' \u00a0 ',
  '…',
  '\u3164\u3164',
  'Olivia\u200b Owner',
  'Olivia\u200e Owner',
  'Oli\u00advia Owner',
  '\u202erenwO aivilO',
  '\u2066Olivia\u2069 Owner',
  'Olivia Owner\u{E0041}',
  'Olivia \u001b[8mOwner',
  '\u041elivi\u0430 Owner',
  'x'.repeat(41),
])('the name %j is refused', (text) => {
  expect(Name.safeParse(text).success).toBe(false);
});

test.each([
  [' Ada@Acme.Example ', 'ada@acme.example'],
  ['ada@acm\u212a.example', 'ada@acmk.example'],
  ['ada@ａｃｍｅ.example', 'ada@acme.example'],
  ['ada@münchen.example', 'ada@xn--mnchen-3ya.example'],
  ['Ada@MÜNCHEN.Example', 'ada@xn--mnchen-3ya.example'],
  ['ada@mu\u0308nchen.example', 'ada@xn--mnchen-3ya.example'],
  ['ada@XN--MNCHEN-3YA.example', 'ada@xn--mnchen-3ya.example'],
  ['ada@почта.рф', 'ada@xn--80a1acny.xn--p1ai'],
  ['ada@XN--80A1ACNY.xn--p1ai.', 'ada@xn--80a1acny.xn--p1ai'],
  ['ada@例え。テスト', 'ada@xn--r8jz45g.xn--zckzah'],
  ['ada@acme.example.', 'ada@acme.example'],
  ["o'neill@acme.example", "o'neill@acme.example"],
  [`${'a'.repeat(64)}@acme.example`, `${'a'.repeat(64)}@acme.example`],
  [`a@${'b'.repeat(63)}.example`, `a@${'b'.repeat(63)}.example`],
  ['a.d.a+desk@acme.example', 'a.d.a+desk@acme.example'],
])('the address %j is %j', (text, email) => {
  expect(Email.parse(text)).toBe(email);
  expect(NewEmail.parse(text)).toBe(email);
});

test.each([
  'ada@acm\u0435.example',
  'ada@xn--acm-tdd.example',
  'ada@\u0430cme.example',
  'ada@xn--ls8h.example',
  'ada@xn--zzzzzz999.example',
])('nobody is invited as %j, and who was signs in', (text) => {
  expect(NewEmail.safeParse(text).success).toBe(false);
  expect(Email.parse(text)).toMatch(/^ada@xn--[a-z0-9-]+\.example$/);
});

test.each([
  '',
  'ada',
  '@acme.example',
  'ada@',
  '\u0430da@acme.example',
  'a\u200bda@acme.example',
  'ada@acme.example\u0000',
  'ada@acm\u200be.example',
  'ada@acme.example/x',
  'ada@@acme.example',
  'ada@acme.example@other.example',
  'ada lovelace@acme.example',
  'Ada <ada@acme.example>',
  `${'a'.repeat(250)}@acme.example`,
  `${'a'.repeat(65)}@acme.example`,
  `a@${'b'.repeat(64)}.example`,
  `a@${'ü'.repeat(60)}.example`,
  `a@${`${'b'.repeat(61)}.`.repeat(4)}example`,
  'ada.@acme.example',
  '.ada@acme.example',
  'a..da@acme.example',
  'ada@acme.example..',
  'ada@.acme.example',
  'ada@acme..example',
  'ada@-acme.example',
  'ada@acme-.example',
  'ada@acme_x.example',
  'ada@127.0.0.1',
  'ada@0x7f.1',
  'ada@[127.0.0.1]',
  'ada@localhost',
  'ada@ex\u00adample.com',
  'ada\u212a@acme.example',
])('the address %j is refused', (text) => {
  expect(Email.safeParse(text).success).toBe(false);
});

test.each(['acme', 'acme-2', 'a', 'news', 'api-team'])('a workspace may be %j', (slug) => {
  expect(NewWorkspaceSlug.parse(slug)).toBe(slug);
});

test.each(['admin', 'api', 'login', 'gatehouse', 'new', 'Acme', '\u0430cme', 'acme\u200b', '-acme', 'xn--cme-5cd', 't/acme'])(
  'and not %j',
  (slug) => {
    expect(NewWorkspaceSlug.safeParse(slug).success).toBe(false);
  },
);

test('a server may be called like anything but the page for new ones', () => {
  expect(NewSlug.safeParse('api').success).toBe(true);
  expect(NewSlug.safeParse('new').success).toBe(false);
});
