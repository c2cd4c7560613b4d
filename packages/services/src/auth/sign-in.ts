import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

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
 * after the same work. Throws `not_permitted` or `rate_limited`.
 */
export async function signIn({ runtime, input }: { runtime: Runtime; input: SignIn }): Promise<SignedIn> {
  const { email, password, ip, userAgent } = parseInput(SignIn, input);
  await runtime.throttle.consume('sign_in_address', [ip]);
  await runtime.throttle.consume('sign_in', [ip, email]);
  await runtime.throttle.consume('sign_in_person', [email]);

  const user = await runInLookup(runtime.db, { lookup: email }, (tx) => tx.user.findUnique({ where: { email } }));
  const matches = await verifyPassword(password, user?.passwordHash ?? null);
  if (!user || !matches || user.disabledAt) {
    throw new ServiceError('not_permitted', 'E-mail or password is not right. Check both and try again.');
  }
  await runtime.throttle.reset('sign_in', [ip, email]);
  await runtime.throttle.reset('sign_in_person', [email]);

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
