import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { type Actor, createContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { enqueueMail } from '../mail/enqueue-mail.ts';
import { requireMail } from '../mail/require-mail.ts';
import type { Runtime } from '../runtime.ts';
import { consumeByAddress } from '../throttle/by-address.ts';
import { Email } from './email.ts';
import { findWorkspace, WorkspaceSlug } from './find-account.ts';

export const RequestReset = z.strictObject({
  email: Email,
  workspace: WorkspaceSlug,
  /** address of the browser, for the throttle */
  ip: z.string().max(64),
});
export type RequestReset = z.input<typeof RequestReset>;

/**
 * Somebody who cannot sign in asks for a link by mail. Answers the same whoever that is, after the same work: one row, and whether there is a member
 * with this address is looked at by the worker. Throws `rate_limited`, or `precondition` where no mail is sent.
 */
export async function requestReset({ runtime, input }: { runtime: Runtime; input: RequestReset }): Promise<void> {
  const actor: Actor = { kind: 'system', job: 'reset-request' };
  authorize({ actor }, 'account_link.create');
  const { email, workspace, ip } = parseInput(RequestReset, input);
  requireMail(runtime);
  await consumeByAddress(runtime, 'reset_request', ip);
  await runtime.throttle.consume('reset_request_person', [email, workspace ?? '']);
  const tenant = await findWorkspace(runtime, workspace);
  if (!tenant) return;
  const ctx = createContext(runtime, tenant, actor);
  const mail = { kind: 'reset', email, accountTokenId: null } as const;
  await mutate(ctx, ({ tx }) => enqueueMail(tx, tenant.id, mail, runtime.now()), { audited: false });
}
