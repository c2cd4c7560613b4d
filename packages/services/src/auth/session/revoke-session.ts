import { createNotFoundError } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { EndSession, endSession } from './end-session.ts';

/** What a person names of a session to revoke; whose it is, their own session says. */
export const RevokeSession = EndSession.pick({ sessionId: true });

/** Signs out another of one's own sessions at once. Throws `not_found` for anybody else's, and for one that has ended. */
export async function revokeSession({ runtime, input }: { runtime: Runtime; input: EndSession }): Promise<void> {
  if (!(await endSession(runtime, input))) throw createNotFoundError('session');
}
