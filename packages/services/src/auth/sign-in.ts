import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';
import { toOrigin } from '@gatehouse/process/origin';

import { parseInput, ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { Email } from './email.ts';
import { verifyPassword } from './password.ts';

const SESSION_MS = 7 * 24 * 3_600_000;

export const SignIn = z.strictObject({
  email: Email,
  password: z.string().min(1).max(200),
  /** address of the browser, for the throttle and the list of sessions */
  ip: z.string().max(64),
  userAgent: z.string().nullable().default(null),
  /** of a browser that proved that it signed in to this account before; null for any other */
  deviceId: z.uuid().nullable().default(null),
});
export type SignIn = z.input<typeof SignIn>;

export interface SignedIn {
  userId: string;
  sessionId: string;
  email: string;
  name: string;
}

/**
 * Checks e-mail and password and opens a console session. An unknown address, a wrong password and a disabled person get one answer
 * after the same work. Throws `not_permitted`, `rate_limited` or `unavailable`.
 */
export async function signIn({ runtime, input }: { runtime: Runtime; input: SignIn }): Promise<SignedIn> {
  const { email, password, ip, userAgent, deviceId } = parseInput(SignIn, input);
  const origin = toOrigin(ip);
  const forgetAttempts = await countAttempt(runtime, { email, origin, deviceId });

  const user = await runInLookup(runtime.db, { lookup: email }, (tx) => tx.user.findUnique({ where: { email } }));
  const matches = await verifyPassword(password, user?.passwordHash ?? null, origin);
  if (!user || !matches || user.disabledAt) {
    throw new ServiceError('not_permitted', 'E-mail or password is not right. Check both and try again.');
  }
  await forgetAttempts();

  const sessionId = randomUUID();
  const createdAt = runtime.now();
  const expiresAt = new Date(createdAt.getTime() + SESSION_MS);
  const data = {
    id: sessionId,
    userId: user.id,
    createdAt,
    lastSeenAt: createdAt,
    expiresAt,
    ip,
    userAgent: userAgent?.slice(0, 400),
  };
  await runInLookup(runtime.db, { userId: user.id }, (tx) => tx.consoleSession.create({ data }));
  runtime.log.info({ userId: user.id, sessionId }, 'signed in');
  return { userId: user.id, sessionId, email, name: user.name };
}

interface Attempt {
  email: string;
  origin: string;
  deviceId: string | null;
}

/**
 * Counts an attempt; returns what a success forgets of it. A browser that is known for the account is counted apart, so that strangers who
 * try passwords keep out other strangers, and never the person.
 */
async function countAttempt({ throttle }: Runtime, { email, origin, deviceId }: Attempt): Promise<() => Promise<void>> {
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
