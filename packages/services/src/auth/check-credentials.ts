import type { User } from '@gatehouse/db/client';
import { toNetwork, toOrigin } from '@gatehouse/process/origin';

import { ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { LimitName } from '../throttle/throttle.ts';
import { findAccount } from './find-account.ts';
import { verifyPassword } from './password.ts';

export interface Credentials {
  email: string;
  password: string;
  /** address that the attempt comes from */
  ip: string;
  /** who is no stranger: the id of a browser that signed in to this account before, or of the workspace whose link is presented */
  knownAs: string | null;
  /** slug of the workspace whose member is meant; null: `findAccount` says who is */
  workspace: string | null;
}

/**
 * The account that e-mail and password open. An unknown address, a wrong password and a disabled person get one answer after the same work.
 * Throws `not_permitted`, `rate_limited` or `unavailable`.
 */
export async function checkCredentials(runtime: Runtime, credentials: Credentials): Promise<User & { passwordHash: string }> {
  const { email, workspace } = credentials;
  const { throttle } = runtime;
  const counters = listCounters(credentials);
  for (const { limit, parts } of counters) await throttle.consume(limit, parts);
  const user = await findAccount(runtime, email, workspace);
  const passwordHash = user?.passwordHash ?? null;
  const matches = await checkInTurn(credentials, passwordHash).catch(async (error: unknown) => {
    // nothing was tried, so nobody is nearer to being locked out
    for (const { limit, parts } of counters) await throttle.giveBack(limit, parts);
    throw error;
  });
  if (!user || passwordHash === null || !matches || user.disabledAt) {
    throw new ServiceError('not_permitted', 'E-mail or password is not right for this workspace. Check them and try again.');
  }
  for (const { limit, parts, isShared } of counters) await throttle[isShared ? 'giveBack' : 'reset'](limit, parts);
  return { ...user, passwordHash };
}

interface Counter {
  limit: LimitName;
  parts: string[];
  /** attempts on other accounts count there too, so a success says nothing of the attempts before it */
  isShared: boolean;
}

/**
 * What an attempt is counted by. Who is known for the account is counted apart, so that strangers who try passwords keep out other strangers,
 * and never the person. The narrow ones come first: one address that is stopped uses up nothing of its neighbours.
 */
function listCounters({ email, workspace, ip, knownAs }: Credentials): Counter[] {
  // an address means another account in each workspace, and one of them may be the attacker's own
  const account = [email, workspace ?? ''];
  if (knownAs !== null) return [{ limit: 'sign_in_known', parts: [knownAs, ...account], isShared: false }];
  const origin = toOrigin(ip);
  return [
    { limit: 'sign_in_address', parts: [origin], isShared: true },
    { limit: 'sign_in', parts: [origin, ...account], isShared: false },
    { limit: 'sign_in_network', parts: [toNetwork(ip)], isShared: true },
    { limit: 'sign_in_person', parts: [email], isShared: true },
  ];
}

/** The addresses of a network take turns together, and so do the browsers of an account: whoever has one gets more of them for little. */
function checkInTurn({ email, password, ip, knownAs }: Credentials, passwordHash: string | null): Promise<boolean> {
  return knownAs === null
    ? verifyPassword(password, passwordHash, toOrigin(ip), { group: toNetwork(ip) })
    : verifyPassword(password, passwordHash, email, { lane: 'known' });
}
