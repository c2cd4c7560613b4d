import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { countEdit, SeenRevision } from '../edit-lock.ts';
import { parseInput } from '../errors.ts';
import { PartyChoice, requireParty } from '../owner/owner.ts';
import { lockProfile } from '../profile/require-profile.ts';
import { lockServer } from '../server/require-server.ts';
import { type Approved, type ApproverView, listApprovers } from './approvers.ts';

export const SetApprovers = z.strictObject({
  of: z.strictObject({ kind: z.enum(['server', 'profile']), id: z.uuid() }),
  /** all of them; none: the roles say who decides */
  approvers: z.array(PartyChoice).max(20),
  /** of the server or profile */
  revision: SeenRevision,
});
export type SetApprovers = z.input<typeof SetApprovers>;

/**
 * Says who decides what waits about a server (approvals in its reviews) or a profile (who asks for it): those who are named alone, or those whose role does
 * it where nobody is. Nobody decides by it on what is their own. Throws EditConflictError when somebody else edited it first, and `not_found`.
 */
export async function setApprovers({ ctx, input }: { ctx: ServiceContext; input: SetApprovers }): Promise<{ revision: number }> {
  authorize(ctx, 'profile.publish');
  const { of, approvers, revision: seen } = parseInput(SetApprovers, input);
  if (of.kind === 'server') authorize(ctx, 'server.manage');
  const { tenantId } = ctx;
  const wanted = new Map(approvers.map((party) => [party.id, party]));
  return mutate(ctx, async ({ tx, audit, signal, reportUnchanged }) => {
    const before = await listApprovers(tx, tenantId, of);
    const isSame = before.length === wanted.size && before.every(({ id }) => wanted.has(id));
    // in one order, so that two who name the same groups do not wait for each other
    const added = [...wanted.values()].filter(({ id }) => before.every((each) => each.id !== id));
    for (const party of added.toSorted((a, b) => a.id.localeCompare(b.id))) await requireParty(tx, tenantId, party);
    const { revision: present } = await lockApproved(tx, tenantId, of);
    if (isSame) {
      reportUnchanged();
      return { revision: present };
    }
    const actions = [`${of.kind}.update`, `${of.kind}.set_owner`, `${of.kind}.set_approvers`];
    const readPresent = async () => ({ approvers: await listApprovers(tx, tenantId, of) });
    const revision = await countEdit(tx, ctx, { kind: of.kind, noun: of.kind, id: of.id, seen, actions, readPresent });
    const column = of.kind === 'server' ? { serverId: of.id } : { profileId: of.id };
    await tx.approver.deleteMany({ where: { tenantId, ...column } });
    await tx.approver.createMany({
      data: [...wanted.values()].map(({ kind, id }) => ({
        tenantId,
        ...column,
        ...(kind === 'group' ? { groupId: id } : { membershipId: id }),
        addedBy: getActorId(ctx.actor),
        addedAt: ctx.runtime.now(),
      })),
    });
    const change = { before: describeApprovers(before), after: describeApprovers(await listApprovers(tx, tenantId, of)) };
    await audit({ action: `${of.kind}.set_approvers`, entityType: of.kind, entityId: of.id, ...change });
    signal(of.kind, of.id);
    return { revision };
  });
}

/** By name, because a group of the log may be gone when somebody reads it. */
const describeApprovers = (approvers: readonly ApproverView[]) => ({
  approvers: approvers.length === 0 ? ['whoever has the role'] : approvers.map(({ name }) => name),
});

function lockApproved(tx: TenantTx, tenantId: string, { kind, id }: Approved): Promise<{ revision: number }> {
  return kind === 'profile' ? lockProfile(tx, tenantId, id) : lockServer(tx, tenantId, id);
}
