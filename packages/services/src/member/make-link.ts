import { randomUUID } from 'node:crypto';

import type { Role } from '@gatehouse/db/client';

import type { Mutation } from '../audit/mutate.ts';
import { createLinkSecret } from '../auth/account-link.ts';
import type { Actor, ServiceContext } from '../context.ts';

/** What a link is made of; the secret is in this answer and nowhere else. */
export interface MadeLink {
  id: string;
  token: string;
  expiresAt: Date;
}

/** A link that goes by mail. Its secret is made when it is sent, and nobody here ever has it. */
export type MailedLink = Omit<MadeLink, 'token'>;

/** Inside the caller's mutation, which writes the act: an invitation in the hand of whoever acts, or in nobody's. */
export async function makeInvitation(
  { tx }: Mutation,
  { tenantId, runtime, actor }: ServiceContext,
  { email, role, byMail = false }: { email: string; role: Role; byMail?: boolean },
): Promise<MadeLink> {
  const [id, now] = [randomUUID(), runtime.now()];
  const { token, ...secret } = createLinkSecret('invitation', now);
  const made = { createdBy: byMail ? null : getLinkMaker(actor), createdAt: now, byMail };
  await tx.accountToken.create({ data: { tenantId, id, kind: 'invitation', email, role, ...secret, ...made } });
  return { id, token, expiresAt: secret.expiresAt };
}

/** The same for a new password of a member. An earlier link for it works no more. */
export async function makeResetLink(
  { tx }: Mutation,
  { tenantId, runtime, actor }: ServiceContext,
  { id: membershipId, email, role }: { id: string; email: string; role: Role },
): Promise<MadeLink> {
  const [id, now] = [randomUUID(), runtime.now()];
  await tx.accountToken.updateMany({
    where: { tenantId, membershipId, kind: 'reset', usedAt: null, withdrawnAt: null },
    data: { withdrawnAt: now },
  });
  const { token, ...secret } = createLinkSecret('reset', now);
  const made = { createdBy: getLinkMaker(actor), createdAt: now };
  await tx.accountToken.create({ data: { tenantId, id, kind: 'reset', email, role, membershipId, ...secret, ...made } });
  return { id, token, expiresAt: secret.expiresAt };
}

/** Inside the caller's mutation, which writes the act: the same for one that goes by mail, which an admin or the person asked for. What an admin has in hand for the member stays. */
export async function makeMailedReset(
  m: Mutation,
  { tenantId, runtime }: ServiceContext,
  { id: membershipId, email, role }: { id: string; email: string; role: Role },
): Promise<MailedLink> {
  const [id, now] = [randomUUID(), runtime.now()];
  await m.tx.accountToken.updateMany({
    where: { tenantId, membershipId, kind: 'reset', byMail: true, usedAt: null, withdrawnAt: null },
    data: { withdrawnAt: now },
  });
  const { tokenHash, expiresAt } = createLinkSecret('reset', now, { byMail: true });
  const made = { tokenHash, expiresAt, byMail: true, createdBy: null, createdAt: now };
  await m.tx.accountToken.createMany({ data: [{ tenantId, id, kind: 'reset', email, role, membershipId, ...made }] });
  m.signal('member', membershipId);
  return { id, expiresAt };
}

/** Who has a link in hand, by membership; null: the operator, who is nobody of the workspace. */
function getLinkMaker(actor: Actor): string | null {
  return actor.kind === 'person' ? actor.membershipId : null;
}
