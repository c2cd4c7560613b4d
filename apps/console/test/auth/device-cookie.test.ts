import { expect, test } from 'vitest';

import { createDeviceCookie, DEVICE_COOKIE, makeDeviceId, readDeviceId } from '../../src/server/auth/device-cookie.ts';

const secret = 's'.repeat(32);
const deviceId = makeDeviceId();
const header = createDeviceCookie({ email: 'ada@example.com', deviceId, secret, secure: true });
const value = header.slice(DEVICE_COOKIE.length + 1, header.indexOf(';'));

test('a browser that signed in is known for that account, and for no other', () => {
  expect(readDeviceId(value, ' ADA@example.com', secret)).toBe(deviceId);
  expect(readDeviceId(value, 'bob@example.com', secret)).toBeNull();
  expect(readDeviceId(value, 'ada@example.com', 't'.repeat(32))).toBeNull();
});

test.each([undefined, '', 'x', `${makeDeviceId()}.${value.split('.')[1]}`, `${value}x`, value.slice(0, -1)])(
  'a cookie %j that was made up is none',
  (made) => {
    expect(readDeviceId(made, 'ada@example.com', secret)).toBeNull();
  },
);

test('scripts and other sites do not get the cookie, and over https it stays there', () => {
  expect(header).toMatch(/; Path=\/api\/auth; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/);
  expect(createDeviceCookie({ email: 'a@b.c', deviceId, secret, secure: false })).not.toContain('Secure');
});
