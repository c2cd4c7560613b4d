import type * as crypto from 'node:crypto';

/**
 * `node:crypto` whose scrypt has a 32nd of the work, for tests of what is around a password: what opens, what ends, what is told. What a hash costs is
 * for `password.test`; who causes many of them waits or is refused, which `auth.int` and `account-links.int` see of hashes that cost what they cost.
 * In a test file: `vi.mock('node:crypto', async (load) => (await import('../support/cheap-scrypt.ts')).makeCheap(await load()))`.
 */
export function makeCheap(real: typeof crypto): typeof crypto {
  const scrypt = (...[password, salt, length, options, done]: Parameters<typeof crypto.scrypt>) =>
    real.scrypt(password, salt, length, { ...options, N: (options.N ?? 1 << 14) / 32 }, done);
  return { ...real, scrypt: scrypt as typeof crypto.scrypt };
}
