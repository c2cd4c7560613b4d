import { createHash, randomBytes } from 'node:crypto';

import { z } from 'zod';

import type { AccountToken, AccountTokenKind, Tenant } from '@gatehouse/db/client';
import { runInLookup } from '@gatehouse/db/tenant';

import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import { DAY_MS, HOUR_MS } from '../durations.ts';
import { ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { consumeByAddress, giveBackByAddress } from '../throttle/by-address.ts';

/** How long a link works. A reset gives what somebody has already, so it has less time to be found. */
const LIFETIME_MS: Record<AccountTokenKind, number> = { invitation: 7 * DAY_MS, reset: DAY_MS };
/** Of a reset that goes by mail: whoever asked for it waits for it. */
const MAILED_RESET_MS = HOUR_MS;

/** What somebody who follows a link presents. */
export const PresentedLink = z.strictObject({
  token: z.string().max(200),
  /** address of the browser, for the throttle */
  ip: z.string().max(64),
});
export type PresentedLink = z.input<typeof PresentedLink>;

/** A new secret for a link, what is stored of it, and until when it works. */
export function createLinkSecret(
  kind: AccountTokenKind,
  now: Date,
  { byMail = false } = {},
): { token: string; tokenHash: string; expiresAt: Date } {
  const token = randomBytes(32).toString('base64url');
  const lifetimeMs = byMail && kind === 'reset' ? MAILED_RESET_MS : LIFETIME_MS[kind];
  return { token, tokenHash: hashToken(token), expiresAt: new Date(now.getTime() + lifetimeMs) };
}

const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

export type OpenLink = AccountToken & { tenant: Tenant };

/** The link that this secret opens. Unknown, spent, withdrawn and expired ones get one answer; misses are counted, and only those. */
export async function findOpenLink(runtime: Runtime, { token, ip }: PresentedLink, kind: AccountTokenKind): Promise<OpenLink> {
  await consumeByAddress(runtime, 'account_link', ip);
  const where = { tokenHash: hashToken(token), kind, usedAt: null, withdrawnAt: null, expiresAt: { gt: runtime.now() } };
  const link = await runInLookup(runtime.db, { lookup: where.tokenHash }, (tx) =>
    tx.accountToken.findFirst({ where, include: { tenant: true } }),
  );
  if (!link) throw createDeadLinkError();
  await giveBackByAddress(runtime, 'account_link', ip);
  return link;
}

/** The one statement that decides who gets to use a link, however often it is followed at the same time. */
export async function spendLink({ tx }: Mutation, { tenantId, runtime }: ServiceContext, link: OpenLink): Promise<void> {
  const now = runtime.now();
  const { id, tokenHash } = link;
  const { count } = await tx.accountToken.updateMany({
    where: { tenantId, id, tokenHash, usedAt: null, withdrawnAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  });
  if (count === 0) throw createDeadLinkError();
}

/** Ends the open links that a member had in hand or that were made for that member: what somebody may do has changed. */
export async function withdrawLinksOf(
  { tx }: Mutation,
  { tenantId, runtime }: ServiceContext,
  membershipId: string,
): Promise<void> {
  await tx.accountToken.updateMany({
    where: { tenantId, usedAt: null, withdrawnAt: null, OR: [{ createdBy: membershipId }, { membershipId }] },
    data: { withdrawnAt: runtime.now() },
  });
}

function createDeadLinkError(): ServiceError {
  return new ServiceError('expired', 'This link is used, withdrawn or too old. Ask who gave it to you for a new one.');
}
