import { z } from 'zod';

import type { AccessRequest } from '@gatehouse/db/client';
import { formatSome } from '@gatehouse/policy/names/some-of';

import { buildIsDecided, listApprovers } from '../approver/approvers.ts';
import { type Mutation, mutate } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../errors.ts';
import { prepareAccess } from '../profile/grant-access.ts';
import { lockProfile } from '../profile/require-profile.ts';

export const GrantRequest = z.strictObject({
  requestId: z.uuid(),
  /** the access ends by itself then, whatever was asked for; null: it has no end */
  until: z.iso.datetime().nullable(),
});
export type GrantRequest = z.input<typeof GrantRequest>;

export const RefuseRequest = z.strictObject({
  requestId: z.uuid(),
  /** shown to who asked */
  reason: z.string().trim().min(1).max(1_000),
});
export type RefuseRequest = z.input<typeof RefuseRequest>;

export const WithdrawAccessRequest = z.strictObject({ requestId: z.uuid() });
export type WithdrawAccessRequest = z.input<typeof WithdrawAccessRequest>;

/**
 * Gives what somebody asked for, until the end that is chosen here. For its approvers and who owns it, without approvers also for who may give access anyway, and never
 * for who asked. Throws `not_found`,
 * `not_permitted`, and `conflict` when it is decided already.
 */
export async function grantRequest({ ctx, input }: { ctx: ServiceContext; input: GrantRequest }): Promise<void> {
  authorize(ctx, 'profile.use');
  const { requestId, until } = parseInput(GrantRequest, input);
  const end = until === null ? null : new Date(until);
  await mutate(ctx, async (m) => {
    const request = await lockForDecision(m, ctx, requestId);
    const { profileId, membershipId } = request;
    const access = await prepareAccess(m, ctx, { profileId, membershipId, until: end });
    const after = { requestId, membershipId, ...(until !== null && { until }) };
    await m.audit({ action: 'profile.grant_request', entityType: 'profile', entityId: profileId, after });
    if (access) await m.audit(access.act);
    await access?.write();
    await closeRequest(m, ctx, request, { state: 'granted', grantedUntil: end });
  });
}

/** Refuses it with a reason, which who asked is shown. Throws as `grantRequest`. */
export async function refuseRequest({ ctx, input }: { ctx: ServiceContext; input: RefuseRequest }): Promise<void> {
  authorize(ctx, 'profile.use');
  const { requestId, reason } = parseInput(RefuseRequest, input);
  await mutate(ctx, async (m) => {
    const request = await lockForDecision(m, ctx, requestId);
    const { profileId, membershipId } = request;
    const after = { requestId, membershipId, reason };
    await m.audit({ action: 'profile.refuse_request', entityType: 'profile', entityId: profileId, after });
    await closeRequest(m, ctx, request, { state: 'refused', decision: reason });
  });
}

/** Takes back what one has asked for oneself; that of others is `not_found`. */
export async function withdrawAccessRequest({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: WithdrawAccessRequest;
}): Promise<void> {
  authorize(ctx, 'profile.use');
  const { requestId } = parseInput(WithdrawAccessRequest, input);
  await mutate(ctx, async (m) => {
    const request = await lockRequest(m, ctx, requestId);
    if (request.membershipId !== getActorId(ctx.actor)) throw createNotFoundError('request');
    refuseClosed(request);
    const after = { requestId };
    await m.audit({ action: 'profile.withdraw_access_request', entityType: 'profile', entityId: request.profileId, after });
    await closeRequest(m, ctx, request, { state: 'withdrawn' });
  });
}

/** Under the lock of its profile, under which access changes as well. */
async function lockRequest({ tx }: Mutation, { tenantId }: ServiceContext, requestId: string): Promise<AccessRequest> {
  const where = { tenantId_id: { tenantId, id: requestId } };
  const found = await tx.accessRequest.findUnique({ where });
  if (!found) throw createNotFoundError('request');
  await lockProfile(tx, tenantId, found.profileId);
  return tx.accessRequest.findUniqueOrThrow({ where });
}

async function lockForDecision(m: Mutation, ctx: ServiceContext, requestId: string): Promise<AccessRequest> {
  const request = await lockRequest(m, ctx, requestId);
  const isOwn = request.membershipId === getActorId(ctx.actor);
  const { tenantId, actor } = ctx;
  const [decided] = await m.tx.$queryRaw<unknown[]>`
    select 1 from profile p where p.tenant_id = ${tenantId}::uuid and p.id = ${request.profileId}::uuid and ${buildIsDecided(actor)}`;
  if (!decided) {
    if (!isOwn && !isPermitted(actor, 'profile.read')) throw createNotFoundError('request');
    throw new ServiceError('not_permitted', await describeDecider(m, ctx, request));
  }
  if (isOwn) throw new ServiceError('not_permitted', 'You asked for this yourself, so somebody else decides on it.');
  refuseClosed(request);
  return request;
}

/** Who decides on it, for whoever may not. */
async function describeDecider(
  { tx }: Mutation,
  { tenantId }: ServiceContext,
  { profileId: id }: AccessRequest,
): Promise<string> {
  const approvers = await listApprovers(tx, tenantId, { kind: 'profile', id });
  if (approvers.length === 0) return 'The owner of this profile decides on that, or an admin or an owner of the workspace.';
  return `The approvers of this profile decide on that, or its owner: ${formatSome(approvers.map(({ name }) => name))}.`;
}

function refuseClosed({ state }: AccessRequest): void {
  if (state === 'open') return;
  throw new ServiceError('conflict', `This request was ${state} already. Reload the page.`);
}

type Closing = Pick<AccessRequest, 'state'> & Partial<Pick<AccessRequest, 'decision' | 'grantedUntil'>>;

async function closeRequest(
  m: Mutation,
  { tenantId, actor, runtime }: ServiceContext,
  { id }: AccessRequest,
  end: Closing,
): Promise<void> {
  await m.tx.accessRequest.update({
    where: { tenantId_id: { tenantId, id } },
    data: { ...end, decidedBy: getActorId(actor), decidedAt: runtime.now() },
  });
  m.signal('access_request', id);
}
