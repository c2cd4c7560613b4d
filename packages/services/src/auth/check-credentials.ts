import type { User } from '@gatehouse/db/client';

import { ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { findAccount } from './find-account.ts';
import { verifyPassword } from './password.ts';

export interface Credentials {
  email: string;
  password: string;
  /** where the attempt comes from, of `toOrigin` */
  origin: string;
  /** of a browser that proved that it signed in to this account before */
  deviceId: string | null;
  /** slug of the workspace that was asked for */
  workspace: string | null;
}

/**
 * The account that e-mail and password open. An unknown address, a wrong password and a disabled person get one answer after the same work.
 * Throws `not_permitted`, `rate_limited` or `unavailable`.
 */
export async function checkCredentials(runtime: Runtime, credentials: Credentials): Promise<User & { passwordHash: string }> {
  const { email, password, origin, deviceId, workspace } = credentials;
  const forgetAttempts = await countAttempt(runtime, credentials);
  const user = await findAccount(runtime, email, workspace);
  const passwordHash = user?.passwordHash ?? null;
  const lane = deviceId === null ? 'strangers' : 'known';
  const matches = await verifyPassword(password, passwordHash, deviceId ?? origin, lane);
  if (!user || passwordHash === null || !matches || user.disabledAt) {
    throw new ServiceError('not_permitted', 'E-mail or password is not right. Check both and try again.');
  }
  await forgetAttempts();
  return { ...user, passwordHash };
}

/**
 * Counts an attempt; returns what a success forgets of it. A browser that is known for the account is counted apart, so that strangers who
 * try passwords keep out other strangers, and never the person.
 */
async function countAttempt({ throttle }: Runtime, { email, origin, deviceId }: Credentials): Promise<() => Promise<void>> {
  if (deviceId !== null) {
    await throttle.consume('sign_in_device', [deviceId, email]);
    return () => throttle.reset('sign_in_device', [deviceId, email]);
  }
  await throttle.consume('sign_in_address', [origin]);
  await throttle.consume('sign_in', [origin, email]);
  await throttle.consume('sign_in_person', [email]);
  return async () => {
    await throttle.giveBack('sign_in_address', [origin]);
    await throttle.reset('sign_in', [origin, email]);
    await throttle.reset('sign_in_person', [email]);
  };
}
