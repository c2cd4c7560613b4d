import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { buildAccessFilter, RECEIPT_ORDER } from '../receipt/list-receipts.ts';
import { getReceiptNames } from '../receipt/receipt-names.ts';
import { type ReceiptRow, toReceiptRow } from '../receipt/receipt-row.ts';
import { isOwnCall } from '../receipt/values.ts';
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
    /** reviews that wait for a decision or for a second person, whoever may make it */
    reviewsOpen: number;
    /** not revoked */
    agents: number;
    servers: number;
    /** enabled and published */
    profiles: number;
  };
  /** newest receipts that the one who asks may read; of other people's calls without values, which are read in the audit alone */
  lastCalls: ReceiptRow[];
  /** whether these are the calls of everybody, or the own ones alone */
  seesAllCalls: boolean;
}

const LAST_CALLS = 8;

/** What the first page shows beside what needs somebody (`listNeeds`): how far the first run is, and the last calls. */
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
      counts: await getCounts(tx, tenantId),
      lastCalls: calls.map((call) => toReceiptRow(call, names, runtime.log, { withValues: isOwnCall(ctx, call.personId) })),
      seesAllCalls: isPermitted(ctx.actor, 'receipt.read'),
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
    select: { receivedAt: true, name: true },
  });
  return {
    agent: agent && { at: agent.enrolledAt, name: agent.name },
    server: server && { at: server.createdAt, name: server.name },
    profile: version && { at: version.publishedAt, name: version.profile.name },
    call: call && { at: call.receivedAt, name: call.name ?? '' },
  };
}

async function getCounts(tx: TenantTx, tenantId: string): Promise<Overview['counts']> {
  return {
    reviewsOpen: await countReviewsToDecide(tx, tenantId),
    agents: await tx.agent.count({ where: { tenantId, revokedAt: null } }),
    servers: await tx.server.count({ where: { tenantId } }),
    profiles: await tx.profile.count({ where: { tenantId, disabledAt: null, publishedVersion: { not: null } } }),
  };
}
