import { randomUUID } from 'node:crypto';

import { runInLookup } from '@gatehouse/db/tenant';

import type { Runtime } from '../../runtime.ts';

const SESSION_MS = 7 * 24 * 3_600_000;

/** The browser that signs in, for the list of sessions. */
export interface SigningBrowser {
  ip: string;
  /** untrusted text */
  userAgent: string | null;
}

/** Opens a console session of an account that has proved itself. Returns its id. */
export async function startSession(runtime: Runtime, userId: string, { ip, userAgent }: SigningBrowser): Promise<string> {
  const id = randomUUID();
  const createdAt = runtime.now();
  const expiresAt = new Date(createdAt.getTime() + SESSION_MS);
  const data = { id, userId, createdAt, lastSeenAt: createdAt, expiresAt, ip, userAgent: userAgent?.slice(0, 400) };
  await runInLookup(runtime.db, { userId }, (tx) => tx.consoleSession.create({ data }));
  runtime.log.info({ userId, sessionId: id }, 'signed in');
  return id;
}
