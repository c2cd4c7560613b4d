import { AcceptInvitation, acceptInvitation } from '@gatehouse/services/auth/accept-invitation';
import { changePassword, ChosenPassword } from '@gatehouse/services/auth/change-password';
import { listSessions } from '@gatehouse/services/auth/list-sessions';
import { ReadLink, readLink } from '@gatehouse/services/auth/read-link';
import { ResetPassword, resetPassword } from '@gatehouse/services/auth/reset-password';
import { RevokeSession, revokeSession } from '@gatehouse/services/auth/revoke-session';
import { signOutEverywhere } from '@gatehouse/services/auth/sign-out-everywhere';

import { anyone, router, signedIn } from './trpc.ts';

/** What a person does with the own account, outside of any workspace. Nobody says for whom: the link or the session does. */
export const accountRouter = router({
  readLink: anyone
    .input(ReadLink.omit({ ip: true }))
    .query(({ ctx, input }) => readLink({ runtime: ctx.runtime, input: { ...input, ip: ctx.ip } })),
  acceptInvitation: anyone
    .input(AcceptInvitation.omit({ ip: true }))
    .mutation(({ ctx, input }) => acceptInvitation({ runtime: ctx.runtime, input: { ...input, ip: ctx.ip } })),
  resetPassword: anyone
    .input(ResetPassword.omit({ ip: true }))
    .mutation(({ ctx, input }) => resetPassword({ runtime: ctx.runtime, input: { ...input, ip: ctx.ip } })),
  changePassword: signedIn.input(ChosenPassword).mutation(async ({ ctx, input }) => {
    const { userId, sessionId } = ctx.user;
    await changePassword({ runtime: ctx.runtime, input: { ...input, userId, sessionId } });
  }),
  listSessions: signedIn.query(async ({ ctx }) => {
    const sessions = await listSessions({ runtime: ctx.runtime, input: { userId: ctx.user.userId } });
    return sessions.map((session) => ({ ...session, isCurrent: session.id === ctx.user.sessionId }));
  }),
  revokeSession: signedIn
    .input(RevokeSession)
    .mutation(({ ctx, input }) => revokeSession({ runtime: ctx.runtime, input: { ...input, userId: ctx.user.userId } })),
  signOutEverywhere: signedIn.mutation(({ ctx }) =>
    signOutEverywhere({ runtime: ctx.runtime, input: { userId: ctx.user.userId } }),
  ),
});
export type AccountRouter = typeof accountRouter;
