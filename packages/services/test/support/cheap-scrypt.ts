import type * as crypto from 'node:crypto';

/**
 * `node:crypto` whose scrypt has a 32nd of the work, for tests of what is around a password: who may try one how often, and what happens then. What a
 * hash costs and how it is written is for `password.test`. In a test file, before anything: `vi.mock('node:crypto', async (load) =>
 * (await import('../support/cheap-scrypt.ts')).makeCheap(await load()))`.
 */
export function makeCheap(real: typeof crypto): typeof crypto {
  const scrypt = (...[password, salt, length, options, done]: Parameters<typeof crypto.scrypt>) =>
    real.scrypt(password, salt, length, { ...options, N: (options.N ?? 1 << 14) / 32 }, done);
  return { ...real, scrypt: scrypt as typeof crypto.scrypt };
}
