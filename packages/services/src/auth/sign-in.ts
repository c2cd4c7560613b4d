import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { checkCredentials } from './check-credentials.ts';
import { Email } from './email.ts';
import { WorkspaceSlug } from './find-account.ts';
import { PasswordText } from './password.ts';

const SESSION_MS = 7 * 24 * 3_600_000;

export const SignIn = z.strictObject({
  email: Email,
  password: PasswordText.min(1),
  /** address of the browser, for the throttle and the list of sessions */
  ip: z.string().max(64),
  userAgent: z.string().nullable().default(null),
  /** of a browser that proved that it signed in to this account before; null for any other */
  deviceId: z.uuid().nullable().default(null),
  workspace: WorkspaceSlug,
});
export type SignIn = z.input<typeof SignIn>;

export interface SignedIn {
  userId: string;
  sessionId: string;
  email: string;
  name: string;
}

/** Checks e-mail and password and opens a console session. Throws `not_permitted`, `rate_limited` or `unavailable`. */
export async function signIn({ runtime, input }: { runtime: Runtime; input: SignIn }): Promise<SignedIn> {
  const { userAgent, deviceId, ...credentials } = parseInput(SignIn, input);
  const user = await checkCredentials(runtime, { ...credentials, knownAs: deviceId });

  const sessionId = randomUUID();
  const createdAt = runtime.now();
  const expiresAt = new Date(createdAt.getTime() + SESSION_MS);
  const data = {
    id: sessionId,
    userId: user.id,
    createdAt,
    lastSeenAt: createdAt,
    expiresAt,
    ip: credentials.ip,
    userAgent: userAgent?.slice(0, 400),
  };
  await runInLookup(runtime.db, { userId: user.id }, (tx) => tx.consoleSession.create({ data }));
  runtime.log.info({ userId: user.id, sessionId }, 'signed in');
  return { userId: user.id, sessionId, email: credentials.email, name: user.name };
}
