import { expect, test } from 'vitest';

import { createDeviceCookie, DEVICE_COOKIE, makeDeviceId, readDeviceId } from '../../src/server/auth/device-cookie.ts';

const secret = 's'.repeat(32);
const deviceId = makeDeviceId();
const header = createDeviceCookie({ account: { email: 'ada@example.com', workspace: 'acme' }, deviceId, secret, secure: true });
const value = header.slice(DEVICE_COOKIE.length + 1, header.indexOf(';'));

test('a browser that signed in is known for that account, and for no other', () => {
  expect(readDeviceId(value, { email: ' ADA@example.com', workspace: 'acme' }, secret)).toBe(deviceId);
  for (const [account, key] of [
    [{ email: 'bob@example.com', workspace: 'acme' }, secret],
    // whoever made an account for the address elsewhere gets no nearer to the one here
    [{ email: 'ada@example.com', workspace: 'other' }, secret],
    [{ email: 'ada@example.com' }, secret],
    [{ email: 'ada@example.com', workspace: 'acme' }, 't'.repeat(32)],
  ] as const)
    expect(readDeviceId(value, account, key)).toBeNull();
});

test.each([undefined, '', 'x', `${makeDeviceId()}.${value.split('.')[1]}`, `${value}x`, value.slice(0, -1)])(
  'a cookie %j that was made up is none',
  (made) => {
    expect(readDeviceId(made, { email: 'ada@example.com', workspace: 'acme' }, secret)).toBeNull();
  },
);

test('scripts and other sites do not get the cookie, and over https it stays there', () => {
  expect(header).toMatch(/; Path=\/api\/auth; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
  expect(createDeviceCookie({ account: { email: 'a@b.c' }, deviceId, secret, secure: false })).not.toContain('Secure');
});
