import type { TenantTx } from '@gatehouse/db/tenant';

import { buildConnectedFilter } from '../agent/status.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { getPersonNames, type PersonName } from '../person-names.ts';
import { buildAccessFilter, RECEIPT_ORDER } from '../receipt/list-receipts.ts';
import { getReceiptNames } from '../receipt/receipt-names.ts';
import { type ReceiptRow, toReceiptRow } from '../receipt/receipt-row.ts';
import { countReviewsToDecide } from '../review/require-review.ts';

/** A step of the first run: done at this time, with what shows it; null while it is open. */
export interface StepFact {
  at: Date;
  /** name to show beside the step */
  name: string;
}

export interface Overview {
  workspace: { slug: string; name: string };
  /** in their order; the last one is only ever ticked by the receipt of an allowed call */
  firstRun: {
    workspace: StepFact;
    agent: StepFact | null;
    server: StepFact | null;
    profile: StepFact | null;
    call: StepFact | null;
  };
  counts: {
    /** reviews that wait for a decision or for a second person */
    reviewsOpen: number;
    agents: number;
    /** agents that should be connected and are not */
    agentsNotConnected: number;
    servers: number;
    /** enabled and published */
    profiles: number;
  };
  /** what an owner approved alone and nobody has confirmed yet, soonest end first */
  brokenGlass: { reviewId: string; serverName: string; by: PersonName; reason: string; validUntil: Date }[];
  /** newest receipts that the one who asks may read */
  lastCalls: ReceiptRow[];
}

const LAST_CALLS = 8;

/** What the first page shows: how far the first run is, what needs somebody, the last calls. */
export async function getOverview({ ctx }: { ctx: ServiceContext }): Promise<Overview> {
  authorize(ctx, 'overview.read');
  const { tenantId, runtime } = ctx;
  return read(ctx, async (tx) => {
    const { slug, name, createdAt } = await tx.tenant.findUniqueOrThrow({ where: { id: tenantId } });
    const calls = await tx.receipt.findMany({
      where: { AND: [{ tenantId }, buildAccessFilter(ctx)] },
      orderBy: RECEIPT_ORDER,
      take: LAST_CALLS,
    });
    const names = await getReceiptNames(tx, tenantId, calls);
    return {
      workspace: { slug, name },
      firstRun: { workspace: { at: createdAt, name }, ...(await getLaterSteps(tx, tenantId)) },
      counts: await getCounts(tx, tenantId, runtime.now()),
      brokenGlass: await listBrokenGlass(tx, tenantId, runtime.now()),
      lastCalls: calls.map((call) => toReceiptRow(call, names, runtime.log)),
    };
  });
}

async function getLaterSteps(tx: TenantTx, tenantId: string): Promise<Omit<Overview['firstRun'], 'workspace'>> {
  const agent = await tx.agent.findFirst({
    where: { tenantId, lastSeenAt: { not: null } },
    orderBy: { enrolledAt: 'asc' },
    select: { enrolledAt: true, name: true },
  });
  const server = await tx.server.findFirst({
    where: { tenantId },
    orderBy: { createdAt: 'asc' },
    select: { createdAt: true, name: true },
  });
  const version = await tx.profileVersion.findFirst({
    where: { tenantId },
    orderBy: { publishedAt: 'asc' },
    select: { publishedAt: true, profile: { select: { name: true } } },
  });
  const call = await tx.receipt.findFirst({
    where: { tenantId, outcome: 'allowed' },
    orderBy: { receivedAt: 'asc' },
    select: { receivedAt: true, advertisedName: true, name: true },
  });
  return {
    agent: agent && { at: agent.enrolledAt, name: agent.name },
    server: server && { at: server.createdAt, name: server.name },
    profile: version && { at: version.publishedAt, name: version.profile.name },
    call: call && { at: call.receivedAt, name: call.advertisedName ?? call.name ?? '' },
  };
}

async function getCounts(tx: TenantTx, tenantId: string, now: Date): Promise<Overview['counts']> {
  const agents = await tx.agent.count({ where: { tenantId, revokedAt: null } });
  const connected = await tx.agent.count({ where: { tenantId, ...buildConnectedFilter(now) } });
  return {
    reviewsOpen: await countReviewsToDecide(tx, tenantId),
    agents,
    agentsNotConnected: agents - connected,
    servers: await tx.server.count({ where: { tenantId } }),
    profiles: await tx.profile.count({ where: { tenantId, disabledAt: null, publishedVersion: { not: null } } }),
  };
}

async function listBrokenGlass(tx: TenantTx, tenantId: string, now: Date): Promise<Overview['brokenGlass']> {
  const rows = await tx.$queryRaw<{ reviewId: string; serverName: string; by: string; reason: string; validUntil: Date }[]>`
    select v.id as "reviewId", s.name as "serverName", act.actor_id as by, v.break_glass_reason as reason, v.valid_until as "validUntil"
    from review v join server s on s.tenant_id = v.tenant_id and s.id = v.server_id
    join admin_audit act on act.tenant_id = v.tenant_id and act.id = v.audit_id
    where v.tenant_id = ${tenantId}::uuid and v.state = 'decided' and v.break_glass_reason is not null and v.confirmed_at is null
      and v.valid_until > ${now}
    order by v.valid_until, v.id`;
  const names = await getPersonNames(
    tx,
    tenantId,
    rows.map(({ by }) => by),
  );
  return rows.map((row) => ({ ...row, by: names.get(row.by) }));
}
