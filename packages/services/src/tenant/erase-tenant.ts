import { runInLookup, runInTenant } from '@gatehouse/db/tenant';

import { createActId } from '../audit/act-id.ts';
import { mutate, read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { writeRevocations } from '../revocation/write-revocations.ts';
import type { Runtime } from '../runtime.ts';

/** Agents that are connected have heard of their end by then. */
const HEARD_MS = 10 * 60_000;
const RECEIPT_BATCH = 5_000;
const ENTITY_BATCH = 20;
/** for one step of a workspace of any size */
const STEP_MS = 10 * 60_000;

export interface Erased {
  /** agents that were told: what is left is removed at a later run */
  agentsEnded: number;
  receipts: number;
  /** accounts that opened no other workspace */
  accounts: number;
  erased: boolean;
}

const NOTHING: Erased = { agentsEnded: 0, receipts: 0, accounts: 0, erased: false };

/**
 * System job: ends a workspace whose thirty days are over. The first run ends its agents, so that they hear of it; one at least ten minutes later removes
 * every row, receipts first, and the accounts that belonged to nothing else. What was removed is in the log of the process and nowhere else. Can be stopped and
 * run again at any point; does nothing for a workspace that is not due.
 */
export async function eraseTenant({ ctx }: { ctx: ServiceContext }): Promise<Erased> {
  authorize(ctx, 'tenant.erase');
  const { tenantId, tenantSlug, runtime } = ctx;
  const now = runtime.now();
  const tenant = await read(ctx, (tx) => tx.tenant.findUnique({ where: { id: tenantId }, select: { deleteAfter: true } }));
  if (!tenant?.deleteAfter || tenant.deleteAfter > now) return NOTHING;
  const agentsEnded = await endAgents(ctx);
  if (agentsEnded > 0) return { ...NOTHING, agentsEnded };
  const since = new Date(now.getTime() - HEARD_MS);
  if ((await read(ctx, (tx) => tx.agent.count({ where: { tenantId, revokedAt: { gt: since } } }))) > 0) return NOTHING;

  const receipts = await removeReceipts(ctx);
  const people = await read(ctx, (tx) => tx.membership.findMany({ where: { tenantId }, select: { userId: true } }));
  await removeRows(ctx);
  const accounts = await removeAccounts(runtime, new Set(people.map(({ userId }) => userId)));
  const erased: Erased = { agentsEnded, receipts, accounts, erased: true };
  runtime.log.warn({ tenantId, tenantSlug, ...erased }, 'a workspace was erased');
  return erased;
}

async function endAgents(ctx: ServiceContext): Promise<number> {
  authorize(ctx, 'tenant.erase');
  const { tenantId, runtime } = ctx;
  return mutate(ctx, async (m) => {
    const agents = await m.tx.agent.updateManyAndReturn({
      where: { tenantId, revokedAt: null },
      data: { revokedAt: runtime.now() },
      select: { id: true, siteId: true },
    });
    if (agents.length === 0) m.reportUnchanged();
    const ended = agents.map(({ id, siteId }) => ({ id, siteId, auditId: createActId() }));
    await m.audit(
      ...ended.map(({ id, siteId, auditId }) => {
        return { id: auditId, action: 'agent.revoke', entityType: 'agent', entityId: id, after: { siteId } };
      }),
    );
    const entries = ended.map(({ id, auditId }) => ({ act: 'end', subject: { kind: 'agent', id }, auditId }) as const);
    await writeRevocations(m, ctx, entries);
    for (const { id } of agents) m.signal('agent', id);
    return agents.length;
  });
}

/** The partitions are the worker's own; one transaction for each batch, so that nothing else waits. */
async function removeReceipts(ctx: ServiceContext): Promise<number> {
  authorize(ctx, 'tenant.erase');
  const { tenantId, runtime } = ctx;
  for (let total = 0; ;) {
    const removed = await runInTenant(
      runtime.db,
      tenantId,
      (tx) => tx.$executeRaw`
        delete from receipts.months using (
          select received_at, id from receipts.months where tenant_id = ${tenantId}::uuid limit ${RECEIPT_BATCH}) batch
        where months.tenant_id = ${tenantId}::uuid and months.received_at = batch.received_at and months.id = batch.id`,
      { timeoutMs: STEP_MS },
    );
    total += removed;
    if (removed === 0) return total;
  }
}

/**
 * First what names an act of the log, step by step: foreign keys ask for it, and asking for each act among rows that the same transaction removed takes time
 * that grows as their product. Everything else goes with the workspace's own row.
 */
async function removeRows(ctx: ServiceContext): Promise<void> {
  authorize(ctx, 'tenant.erase');
  const { tenantId, runtime } = ctx;
  const batch = { where: { tenantId }, limit: ENTITY_BATCH };
  const inSteps = { timeoutMs: STEP_MS };
  for (let left = 1; left > 0;)
    left = await runInTenant(runtime.db, tenantId, async (tx) => (await tx.server.deleteMany(batch)).count, inSteps);
  for (let left = 1; left > 0;)
    left = await runInTenant(runtime.db, tenantId, async (tx) => (await tx.profile.deleteMany(batch)).count, inSteps);
  await runInTenant(runtime.db, tenantId, (tx) => tx.revocation.deleteMany({ where: { tenantId } }), inSteps);
  await runInTenant(runtime.db, tenantId, (tx) => tx.signingKey.deleteMany({ where: { tenantId } }), inSteps);
  await runInTenant(runtime.db, tenantId, (tx) => tx.tenant.deleteMany({ where: { id: tenantId } }), inSteps);
}

/** The database removes only who is a member of nothing, now or before. */
async function removeAccounts(runtime: Runtime, userIds: ReadonlySet<string>): Promise<number> {
  let removed = 0;
  for (const userId of userIds) {
    const { count } = await runInLookup(runtime.db, { userId }, (tx) => tx.user.deleteMany({ where: { id: userId } }));
    removed += count;
  }
  return removed;
}
