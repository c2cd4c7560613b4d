import type { Prisma, Review, Risk } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

/** A tool definition that may be used now. */
export interface ApprovedTool {
  serverId: string;
  toolName: string;
  pin: string;
  risk: Risk;
  /** JSON Pointers marked "log value" */
  logArguments: string[];
  logResults: string[];
  decidedAt: Date;
}

/** By `approvalKey`. */
export type ApprovedTools = ReadonlyMap<string, ApprovedTool>;

/** Key of one exact definition. */
export function approvalKey(tool: { serverId: string; toolName: string; pin: string }): string {
  return `${tool.serverId} ${tool.pin} ${tool.toolName}`;
}

interface Which {
  tenantId: string;
  now: Date;
  /** all when absent */
  serverIds?: readonly string[] | undefined;
}

/**
 * The one rule of what may be used now, for previews, publishing and snapshots alike: the definition stands in the newest revision of a
 * server that is not disabled, and the decision that stands on it is an approval.
 */
export async function approvedTools(tx: TenantTx, which: Which): Promise<ApprovedTools> {
  const offered = await offeredDefinitions(tx, which);
  const approved = new Map<string, ApprovedTool>();
  for (const [key, { review, verdict, ...tool }] of await standingDecisions(tx, which)) {
    if (!offered.has(key) || verdict !== 'approved' || !review.decidedAt) continue;
    const { serverId, toolName, pin, risk, logArguments, logResults } = tool;
    approved.set(key, { serverId, toolName, pin, risk, logArguments, logResults, decidedAt: review.decidedAt });
  }
  return approved;
}

/** A decision with the review it was made in. */
export type MadeDecision = Prisma.ToolDecisionGetPayload<{
  include: { review: { select: { state: true; decidedAt: true; validUntil: true } } };
}>;

/**
 * Of each exact definition the newest decision, when its review is decided and has not lapsed. By `approvalKey`. An older decision does
 * not come back when a newer one lapses.
 */
export async function standingDecisions(
  tx: TenantTx,
  { tenantId, now, serverIds }: Which,
): Promise<ReadonlyMap<string, MadeDecision>> {
  const decisions = await tx.toolDecision.findMany({
    where: {
      tenantId,
      ...(serverIds ? { serverId: { in: [...serverIds] } } : {}),
      review: { decidedAt: { not: null } },
    },
    include: { review: { select: { state: true, decidedAt: true, validUntil: true } } },
    orderBy: [{ review: { decidedAt: 'asc' } }, { reviewId: 'asc' }],
  });
  const standing = new Map(decisions.map((decision) => [approvalKey(decision), decision]));
  for (const [key, { review }] of standing) if (!stands(review, now)) standing.delete(key);
  return standing;
}

/** The review is decided and has not lapsed. */
export function stands({ state, validUntil }: Pick<Review, 'state' | 'validUntil'>, now: Date): boolean {
  return state === 'decided' && validUntil !== null && validUntil > now;
}

/** What the servers offer by their newest revisions: a tool that was changed or withdrawn since is off, whatever was decided before. */
async function offeredDefinitions(tx: TenantTx, { tenantId, serverIds }: Which): Promise<ReadonlySet<string>> {
  const servers = await tx.server.findMany({
    where: { tenantId, disabledAt: null, ...(serverIds ? { id: { in: [...serverIds] } } : {}) },
    select: {
      id: true,
      revisions: { orderBy: { number: 'desc' }, take: 1, select: { tools: { select: { name: true, pin: true } } } },
    },
  });
  const keys = servers.flatMap(({ id: serverId, revisions }) =>
    revisions.flatMap(({ tools }) => tools.map(({ name: toolName, pin }) => approvalKey({ serverId, toolName, pin }))),
  );
  return new Set(keys);
}
