import { AcceptInvitation, acceptInvitation } from '@gatehouse/services/auth/accept-invitation';
import { changePassword, ChosenPassword } from '@gatehouse/services/auth/change-password';
import type { SignedInUser } from '@gatehouse/services/auth/check-session';
import { ChooseTimeZone, chooseTimeZone } from '@gatehouse/services/auth/choose-time-zone';
import { BeginAuthenticator, beginAuthenticator } from '@gatehouse/services/auth/code/begin-authenticator';
import { ConfirmAuthenticator, confirmAuthenticator } from '@gatehouse/services/auth/code/confirm-authenticator';
import { getAuthenticator } from '@gatehouse/services/auth/code/get-authenticator';
import { RemoveAuthenticator, removeAuthenticator } from '@gatehouse/services/auth/code/remove-authenticator';
import { RenewRecoveryCodes, renewRecoveryCodes } from '@gatehouse/services/auth/code/renew-recovery-codes';
import { PasswordDueError } from '@gatehouse/services/auth/open-context';
import { AddPasskey, addPasskey } from '@gatehouse/services/auth/passkey/add-passkey';
import { BeginPasskey, beginPasskey } from '@gatehouse/services/auth/passkey/begin-passkey';
import { beginPasskeySignIn } from '@gatehouse/services/auth/passkey/begin-passkey-sign-in';
import { listPasskeys } from '@gatehouse/services/auth/passkey/list-passkeys';
import { RemovePasskey, removePasskey } from '@gatehouse/services/auth/passkey/remove-passkey';
import { RenamePasskey, renamePasskey } from '@gatehouse/services/auth/passkey/rename-passkey';
import { ReadLink, readLink } from '@gatehouse/services/auth/read-link';
import { RequestReset, requestReset } from '@gatehouse/services/auth/request-reset';
import { ResetPassword, resetPassword } from '@gatehouse/services/auth/reset-password';
import { listSessions } from '@gatehouse/services/auth/session/list-sessions';
import { RevokeSession, revokeSession } from '@gatehouse/services/auth/session/revoke-session';
import { signOutEverywhere } from '@gatehouse/services/auth/session/sign-out-everywhere';

import { anyone, router, signedIn } from './trpc.ts';

const getIds = ({ userId, sessionId }: SignedInUser) => ({ userId, sessionId });

/** For all but what is open to a person whose password is due: to change it, and to leave. A passkey of who knows that password must not outlive it. */
const settled = signedIn.use(({ ctx, next }) => {
  if (ctx.user.passwordDue) throw new PasswordDueError();
  return next();
});

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
  beginPasskeySignIn: anyone.mutation(async ({ ctx }) => {
    const { options, secret } = await beginPasskeySignIn({ runtime: ctx.runtime, input: { ip: ctx.ip } });
    ctx.onChallenge(secret);
    return options;
  }),
  requestReset: anyone
    .input(RequestReset.omit({ ip: true }))
    .mutation(({ ctx, input }) => requestReset({ runtime: ctx.runtime, input: { ...input, ip: ctx.ip } })),
  changePassword: signedIn.input(ChosenPassword).mutation(async ({ ctx, input }) => {
    const { userId, sessionId } = ctx.user;
    await changePassword({ runtime: ctx.runtime, input: { ...input, userId, sessionId } });
  }),
  chooseTimeZone: signedIn
    .input(ChooseTimeZone.omit({ userId: true }))
    .mutation(({ ctx, input }) => chooseTimeZone({ runtime: ctx.runtime, input: { ...input, userId: ctx.user.userId } })),
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
  listPasskeys: settled.query(({ ctx }) => listPasskeys({ runtime: ctx.runtime, input: { userId: ctx.user.userId } })),
  beginPasskey: settled
    .input(BeginPasskey.pick({ currentPassword: true }))
    .mutation(({ ctx, input }) => beginPasskey({ runtime: ctx.runtime, input: { ...input, ...getIds(ctx.user) } })),
  addPasskey: settled
    .input(AddPasskey.pick({ name: true, answer: true }))
    .mutation(({ ctx, input }) => addPasskey({ runtime: ctx.runtime, input: { ...input, ...getIds(ctx.user) } })),
  renamePasskey: settled
    .input(RenamePasskey.omit({ userId: true }))
    .mutation(({ ctx, input }) => renamePasskey({ runtime: ctx.runtime, input: { ...input, userId: ctx.user.userId } })),
  removePasskey: settled
    .input(RemovePasskey.omit({ userId: true }))
    .mutation(({ ctx, input }) => removePasskey({ runtime: ctx.runtime, input: { ...input, userId: ctx.user.userId } })),
  getAuthenticator: settled.query(({ ctx }) => getAuthenticator({ runtime: ctx.runtime, input: { userId: ctx.user.userId } })),
  beginAuthenticator: settled
    .input(BeginAuthenticator.omit({ userId: true }))
    .mutation(({ ctx, input }) => beginAuthenticator({ runtime: ctx.runtime, input: { ...input, userId: ctx.user.userId } })),
  confirmAuthenticator: settled
    .input(ConfirmAuthenticator.omit({ userId: true }))
    .mutation(({ ctx, input }) => confirmAuthenticator({ runtime: ctx.runtime, input: { ...input, userId: ctx.user.userId } })),
  removeAuthenticator: settled
    .input(RemoveAuthenticator.omit({ userId: true }))
    .mutation(({ ctx, input }) => removeAuthenticator({ runtime: ctx.runtime, input: { ...input, userId: ctx.user.userId } })),
  renewRecoveryCodes: settled
    .input(RenewRecoveryCodes.omit({ userId: true }))
    .mutation(({ ctx, input }) => renewRecoveryCodes({ runtime: ctx.runtime, input: { ...input, userId: ctx.user.userId } })),
});
export type AccountRouter = typeof accountRouter;
