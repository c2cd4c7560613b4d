import type { TenantTx } from '@gatehouse/db/tenant';

/** The last decision on a tool name before a review, on whatever definition the tool then had. */
export interface PreviousDecision {
  toolName: string;
  pin: string;
}

/** By tool name, from the reviews of the server that were decided before this one was opened. */
export async function previousDecisions(
  tx: TenantTx,
  review: { tenantId: string; id: string; serverId: string; createdAt: Date },
): Promise<Map<string, PreviousDecision>> {
  const { tenantId, serverId, createdAt, id } = review;
  const rows = await tx.toolDecision.findMany({
    where: { tenantId, serverId, reviewId: { not: id }, review: { decidedAt: { not: null }, createdAt: { lte: createdAt } } },
    select: { toolName: true, pin: true },
    orderBy: { review: { createdAt: 'asc' } },
  });
  return new Map(rows.map((row) => [row.toolName, row]));
}

/** How a tool, prompt or resource stands against what was last decided on its name. */
export function changeOf(tool: { pin: string }, previous: { pin: string } | undefined): 'new' | 'changed' | 'unchanged' {
  if (!previous) return 'new';
  return previous.pin === tool.pin ? 'unchanged' : 'changed';
}
