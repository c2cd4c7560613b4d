import type { TenantTx } from '@gatehouse/db/tenant';
import { type Risk, ToolDefinition } from '@gatehouse/policy/documents/definition';

import { declaredRisk } from '../review/declared-risk.ts';
import { approvalKey, standingDecisions } from '../snapshot/approved-tools.ts';

/** A tool of a server's newest revision with the decision that stands on it. */
export interface ServerToolView {
  name: string;
  title: string | null;
  description: string | null;
  pin: string;
  definition: ToolDefinition;
  /** `pending`: nobody has decided on this very definition, or the decision has lapsed; the tool is off */
  verdict: 'pending' | 'approved' | 'rejected';
  /** set by a reviewer, else what the server declares */
  risk: Risk;
  /** no reviewer has set the risk and the server does not say */
  riskAssumed: boolean;
  /** of the standing decision */
  reviewId: string | null;
  decidedAt: Date | null;
  validUntil: Date | null;
}

export async function toolViews(
  tx: TenantTx,
  where: { tenantId: string; now: Date; serverId: string; revisionId: string },
): Promise<ServerToolView[]> {
  const { tenantId, now, serverId, revisionId } = where;
  const tools = await tx.revisionTool.findMany({ where: { tenantId, revisionId }, orderBy: { name: 'asc' } });
  const standing = await standingDecisions(tx, { tenantId, now, serverIds: [serverId] });
  return tools.map(({ name, pin, ...tool }) => {
    const definition = ToolDefinition.parse(tool.definition);
    const decision = standing.get(approvalKey({ serverId, toolName: name, pin }));
    const declared = declaredRisk(definition);
    return {
      name,
      title: definition.title ?? definition.annotations?.title ?? null,
      description: definition.description ?? null,
      pin,
      definition,
      verdict: decision?.verdict ?? 'pending',
      risk: decision?.risk ?? declared.risk,
      riskAssumed: decision === undefined && declared.assumed,
      reviewId: decision?.reviewId ?? null,
      decidedAt: decision?.decidedAt ?? null,
      validUntil: decision?.review.validUntil ?? null,
    };
  });
}
