import { listSessions } from '@gatehouse/services/auth/list-sessions';
import { RevokeSession, revokeSession } from '@gatehouse/services/auth/revoke-session';

import { forgetSession } from '../../auth/session-check.ts';
import { inTenant, router } from '../trpc.ts';

/** The person's own console sessions, whatever the tenant. */
export const sessionRouter = router({
  list: inTenant.query(async ({ ctx }) => {
    const sessions = await listSessions({ runtime: ctx.runtime, input: { userId: ctx.user.userId } });
    return sessions.map((session) => ({ ...session, current: session.id === ctx.user.sessionId }));
  }),
  revoke: inTenant.input(RevokeSession).mutation(async ({ ctx, input }) => {
    await revokeSession({ runtime: ctx.runtime, input: { sessionId: input.sessionId, userId: ctx.user.userId } });
    forgetSession(input.sessionId);
  }),
});
