import { randomBytes } from 'node:crypto';

import type { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput, ServiceError } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { listTenants } from '../list-tenants.ts';
import { PRODUCT } from '../passkey/relying-party.ts';
import { PasswordProof, provePassword } from '../prove-password.ts';
import { sealSecret } from './sealed-secret.ts';
import { buildKeyUri, encodeBase32, SECRET_BYTES } from './totp.ts';

export const BeginAuthenticator = PasswordProof;
export type BeginAuthenticator = z.input<typeof BeginAuthenticator>;

export interface AuthenticatorKey {
  /** base32, for who types it */
  secret: string;
  /** the same for a picture that an app reads */
  uri: string;
}

/**
 * Gives the account a new secret for an authenticator app, shown this once. It asks for no code before the app has shown one. Throws
 * `not_permitted` at `currentPassword`, `conflict` while there is an app.
 */
export async function beginAuthenticator({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: BeginAuthenticator;
}): Promise<AuthenticatorKey> {
  const { id: userId, name } = await provePassword(runtime, parseInput(BeginAuthenticator, input));
  const bytes = randomBytes(SECRET_BYTES);
  const data = { secretSealed: sealSecret(runtime, userId, bytes), createdAt: runtime.now() };
  await runInLookup(runtime.db, { userId }, async (tx) => {
    await tx.authenticator.deleteMany({ where: { userId, confirmedAt: null } });
    const { count } = await tx.authenticator.createMany({ data: [{ userId, ...data }], skipDuplicates: true });
    if (count === 0) throw new ServiceError('conflict', 'There is an authenticator app already. Remove it first.');
  });
  const [home] = await listTenants({ runtime, input: { userId } });
  const secret = encodeBase32(bytes);
  return { secret, uri: buildKeyUri({ issuer: PRODUCT, account: home?.email ?? name, secret }) };
}
