import { expect, test } from 'vitest';

import { hashPassword, verifyPassword } from '../../src/auth/password.ts';

/** scrypt is slow on purpose, and slower beside other tests. */
const slow = { timeout: 60_000 };

test('a hash is in PHC form, salted, and matches its password only', slow, async () => {
  const hash = await hashPassword('correct horse battery', 'test');
  expect(hash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(await hashPassword('correct horse battery', 'test')).not.toBe(hash);
  expect(await verifyPassword('correct horse battery', hash, 'test')).toBe(true);
  expect(await verifyPassword('correct horse batterz', hash, 'test')).toBe(false);
});

test('a password is the same however its characters are composed', slow, async () => {
  const hash = await hashPassword('p\u00e4ssword-long', 'test');
  expect(await verifyPassword('pa\u0308ssword-long', hash, 'test')).toBe(true);
});

test('no hash, a broken one and one of unbounded cost never match', slow, async () => {
  const stored = [null, '', '$scrypt$ln=15,r=8,p=3$AAAA', '$scrypt$ln=30,r=8,p=1$AAAAAAAA$AAAAAAAA', 'plain text'];
  for (const hash of stored) expect(await verifyPassword('', hash, 'test')).toBe(false);
});
