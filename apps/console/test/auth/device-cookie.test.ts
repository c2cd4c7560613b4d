import { expect, test } from 'vitest';

import {
  createDeviceCookie,
  DEVICE_COOKIE,
  type DeviceAccount,
  makeDeviceId,
  MAX_DEVICE_ACCOUNTS,
  readDeviceId,
} from '../../src/server/auth/device-cookie.ts';

const secret = 's'.repeat(32);
const deviceId = makeDeviceId();
const ADA = { email: 'ada@example.com', workspace: 'acme' };
const header = createDeviceCookie({ cookie: undefined, account: ADA, deviceId, secret, secure: true });
const readValue = (cookie: string): string => cookie.slice(DEVICE_COOKIE.length + 1, cookie.indexOf(';'));
const value = readValue(header);

/** What the browser has after this sign-in, as the console's handler makes it. */
function signIn(cookie: string | undefined, account: DeviceAccount): string {
  const known = readDeviceId(cookie, account, secret) ?? makeDeviceId();
  return readValue(createDeviceCookie({ cookie, account, deviceId: known, secret, secure: true }));
}

test('a browser that signed in is known for that account, and for no other', () => {
  expect(readDeviceId(value, { email: ' ADA@example.com', workspace: 'acme' }, secret)).toBe(deviceId);
  for (const [account, key] of [
    [{ email: 'bob@example.com', workspace: 'acme' }, secret],
    // whoever made an account for the address elsewhere gets no nearer to the one here
    [{ email: 'ada@example.com', workspace: 'other' }, secret],
    [{ email: 'ada@example.com' }, secret],
    [ADA, 't'.repeat(32)],
  ] as const)
    expect(readDeviceId(value, account, key)).toBeNull();
});

test('people who share a browser, and accounts of one person, are known there each for their own', () => {
  const accounts = [ADA, { email: 'bob@example.com', workspace: 'acme' }, { email: 'ada@example.com', workspace: 'other' }];
  let cookie: string | undefined;
  for (const account of accounts) cookie = signIn(cookie, account);
  const ids = accounts.map((account) => readDeviceId(cookie, account, secret));
  expect(ids).not.toContain(null);
  // no id says that two accounts are used in one browser
  expect(new Set(ids).size).toBe(accounts.length);
  for (const stranger of [
    { email: 'eve@example.com', workspace: 'acme' },
    { email: 'bob@example.com', workspace: 'other' },
  ])
    expect(readDeviceId(cookie, stranger, secret)).toBeNull();
  // signing in again keeps the id and takes no further room
  const again = signIn(cookie, ADA);
  expect(again.length).toBe(cookie?.length);
  expect(readDeviceId(again, ADA, secret)).toBe(ids[0]);
});

test('T-57: the cookie grows to a bound and no further; the account of the oldest sign-in makes room', () => {
  const accounts = Array.from({ length: 50 }, (_none, at) => ({ email: `p${at}@example.com`, workspace: 'acme' }));
  let cookie: string | undefined;
  for (const account of accounts) cookie = signIn(cookie, account);
  expect(cookie).toHaveLength(81 * MAX_DEVICE_ACCOUNTS - 1);
  const known = accounts.filter((account) => readDeviceId(cookie, account, secret) !== null);
  expect(known).toEqual(accounts.slice(-MAX_DEVICE_ACCOUNTS));
  // nothing that a browser makes up gets in, or makes the cookie longer
  const madeUp = Array.from({ length: 500 }, () => `${makeDeviceId()}.${'A'.repeat(43)}`).join('~');
  expect(signIn(`${madeUp}~junk~${value}`, ADA).length).toBeLessThanOrEqual(81 * MAX_DEVICE_ACCOUNTS - 1);
  expect(signIn('junk~~;=', ADA)).toHaveLength(80);
});

test('a cookie of one account, as browsers have it from before, is known and kept', () => {
  expect(value).toMatch(/^[0-9a-f-]{36}\.[\w-]{43}$/);
  const cookie = signIn(value, { email: 'bob@example.com', workspace: 'acme' });
  expect(readDeviceId(cookie, ADA, secret)).toBe(deviceId);
});

test.each([undefined, '', 'x', `${makeDeviceId()}.${value.split('.')[1]}`, `${value}x`, value.slice(0, -1)])(
  'a cookie %j that was made up is none',
  (made) => {
    expect(readDeviceId(made, ADA, secret)).toBeNull();
  },
);

test('scripts and other sites do not get the cookie, and over https it stays there', () => {
  expect(header).toMatch(/; Path=\/api\/auth; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
  expect(createDeviceCookie({ cookie: value, account: { email: 'a@b.c' }, deviceId, secret, secure: false })).not.toContain(
    'Secure',
  );
});
