import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { applyToEach, ManyIds, type ManyOutcome } from '../list/apply-to-each.ts';
import { grantRequest, RefuseRequest, refuseRequest } from './decide-access.ts';

export const GrantRequests = z.strictObject({ ids: ManyIds });
export type GrantRequests = z.input<typeof GrantRequests>;

export const RefuseRequests = z.strictObject({ ids: ManyIds, reason: RefuseRequest.shape.reason });
export type RefuseRequests = z.input<typeof RefuseRequests>;

/** Gives each of several people what they asked for, until the end that each asked for. */
export async function grantRequests({ ctx, input }: { ctx: ServiceContext; input: GrantRequests }): Promise<ManyOutcome> {
  authorize(ctx, 'profile.use');
  const { ids } = parseInput(GrantRequests, input);
  const { tenantId } = ctx;
  const asked = await read(ctx, (tx) =>
    tx.accessRequest.findMany({ where: { tenantId, id: { in: ids } }, select: { id: true, wantedUntil: true } }),
  );
  const ends = new Map(asked.map(({ id, wantedUntil }) => [id, wantedUntil]));
  return applyToEach(ids, (requestId) =>
    grantRequest({ ctx, input: { requestId, until: ends.get(requestId)?.toISOString() ?? null } }),
  );
}

/** Refuses each of several requests with one reason, which those who asked are shown. */
export async function refuseRequests({ ctx, input }: { ctx: ServiceContext; input: RefuseRequests }): Promise<ManyOutcome> {
  authorize(ctx, 'profile.use');
  const { ids, reason } = parseInput(RefuseRequests, input);
  return applyToEach(ids, (requestId) => refuseRequest({ ctx, input: { requestId, reason } }));
}
