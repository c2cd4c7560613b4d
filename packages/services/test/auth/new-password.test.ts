import { randomBytes } from 'node:crypto';

import { expect, test } from 'vitest';

import { findPasswordProblem, hashNewPassword } from '../../src/auth/new-password.ts';
import { hashPassword, verifyPassword } from '../../src/auth/password.ts';
import { refuseSamePassword } from '../../src/auth/replace-password.ts';

/** Beside other tests the word lists take their time to load. */
const slow = { timeout: 60_000 };
const ABOUT = ['Ada Lovelace', 'ada.lovelace@acme.example', 'Order Desk Ltd', 'order-desk'];

test.each([
  'correct horse battery staple',
  'my gatehouse has twelve green dragons',
  'viele kleine Igel trinken Tee',
  'пятнадцать зелёных ежей',
  '七つの海を渡る小さな青い舟の歌',
  'no digits no capitals no signs',
  'ZXHRQWPLMVNBKTDJ',
  '83920174650293847561',
  'lovelace 7 purple kettles',
  '  spaces at both ends of this  ',
  '🦔🚲🧀🪗🌋🛶🎻🧦🍋🪐🐙🕯️🧵🥁🪁',
  'hedgehog~!@#$%^&*()_+{}|:"<>?',
  'x'.repeat(3) + randomBytes(147).toString('base64'),
])('%j may be set', slow, async (password) => {
  expect(await findPasswordProblem(password, ABOUT)).toBeNull();
});

test.each([
  ['', /at least 15 characters/],
  ['Tr0ub4dor&3-xyz'.slice(0, 14), /at least 15 characters/],
  // eight characters of two UTF-16 units each, an accent typed apart, and one sign that stands for eighteen letters
  ['🦔🚲🧀🪗🌋🛶🎻🧦', /at least 15 characters/],
  ['a\u0308o\u0308u\u0308e\u0301i\u0308n\u0303c\u0327s\u030c', /at least 15 characters/],
  ['\ufdfa', /at least 15 characters/],
  [randomBytes(151).toString('base64').slice(0, 201), /200 characters at most/],
  ['correct horse\nbattery staple', /cannot be seen/],
  ['correct horse\0battery staple', /cannot be seen/],
  ['passwordpassword', /repeated/i],
  ['aaaaaaaaaaaaaaaaaaaa', /repeated/i],
  ['abcabcabcabcabcabc', /repeated/i],
  ['abcdefghijklmnop', /sequences/],
  ['ponmlkjihgfedcba', /sequences/],
  ['123456789012345', /common/],
  ['qwertyuiopasdfgh', /common/],
  ['1q2w3e4r5t6y7u8i', /common/],
  ['Passwort12345678', /common/],
  ['P@ssw0rd!P@ssw0rd1', /common/],
  ['ｐａｓｓｗｏｒｄ１２３４５６７８', /common/],
  ['drowssapdrowssap', /repeated/i],
  ['iloveyouforever', /common/],
  ['administrator2026!', /common/],
  ['Summer2026Winter', /common/],
  ['characteristically', /words/],
  ['Wolfgang Amadeus', /common/],
  ['december-11-1985', /common/],
  ['ada.lovelace@acme.example', /name or address/],
  ['LovelaceAdaLovelace', /name or address/],
  ['order-desk-2026!', /name or address/],
  ['OrderDeskLtd12345', /name or address/],
  ['gatehouse-gatehouse', /name or address/],
  ['Gatehouse Order Desk 1!', /name or address/],
  ['G4teh0use2026!!', /name or address/],
  ['A d a L o v e l a c e', /name or address/],
  ['l0velace-4cme-2026', /name or address/],
  ['eca levol ecalevol', /name or address/],
  ['0rd3r d3$k 0rd3r d3$k', /name or address/],
  ['4@3$1'.repeat(40), /./],
  [`${'kq7'.repeat(21)}k`, /./],
] as const)('%j may not', slow, async (password, sentence) => {
  expect(await findPasswordProblem(password, ABOUT)).toMatch(sentence);
});

test('a made-up password passes, whoever it is for', slow, async () => {
  for (let count = 0; count < 50; count += 1) {
    const password = randomBytes(12).toString('base64url');
    expect(await findPasswordProblem(password, ABOUT), password).toBeNull();
  }
});

test(
  'a password is hashed as its characters are, however they were typed, and no other form of it is another one',
  slow,
  async () => {
    const chosen = { password: 'ｆｕｌｌ width pa\u0308per tiger', about: ABOUT, origin: 'test' };
    const typed = 'full width p\u00e4per tiger';
    expect(await verifyPassword(typed, await hashNewPassword(chosen), 'test')).toBe(true);
    expect(() => refuseSamePassword(chosen.password, typed)).toThrow(expect.objectContaining({ field: 'newPassword' }));
    await expect(hashNewPassword({ ...chosen, password: 'too short' })).rejects.toMatchObject({
      code: 'invalid',
      field: 'newPassword',
      message: 'Use at least 15 characters.',
    });
  },
);

test('a password that was set before goes on working, however short', slow, async () => {
  expect(await verifyPassword('secret', await hashPassword('secret', 'test'), 'test')).toBe(true);
});
