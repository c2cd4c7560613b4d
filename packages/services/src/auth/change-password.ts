import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { listTenants } from './list-tenants.ts';
import { hashNewPassword } from './new-password.ts';
import { PasswordText } from './password.ts';
import { provePassword } from './prove-password.ts';
import { refuseSamePassword, replacePassword } from './replace-password.ts';

export const ChangePassword = z.strictObject({
  userId: z.uuid(),
  /** the session that asks; the only one that goes on */
  sessionId: z.uuid(),
  currentPassword: PasswordText.min(1),
  newPassword: PasswordText,
});
export type ChangePassword = z.input<typeof ChangePassword>;

/** What a person says; whose password it is, their own session says. */
export const ChosenPassword = ChangePassword.pick({ currentPassword: true, newPassword: true });

/** Changes one's own password and ends one's other sessions; where somebody else may have known the one before, the passkeys go too. Throws `not_permitted` at `currentPassword` when that is wrong. */
export async function changePassword({ runtime, input }: { runtime: Runtime; input: ChangePassword }): Promise<void> {
  const { userId, sessionId, currentPassword, newPassword } = parseInput(ChangePassword, input);
  refuseSamePassword(currentPassword, newPassword);
  const { passwordHash: from, name, passwordDue } = await provePassword(runtime, { userId, currentPassword });
  const workspaces = await listTenants({ runtime, input: { userId } });
  const about = [name, ...workspaces.flatMap((workspace) => [workspace.email, workspace.name, workspace.slug])];
  const to = await hashNewPassword({ password: newPassword, about, origin: userId });
  const change = { userId, from, to, now: runtime.now(), keepSessionId: sessionId, keepPasskeys: !passwordDue };
  await runInLookup(runtime.db, { userId }, (tx) => replacePassword(tx, change));
  runtime.log.info({ userId }, 'password changed');
}
