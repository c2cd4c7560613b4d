import type { TenantTx } from '@gatehouse/db/tenant';
import type { ToolDefinition } from '@gatehouse/policy/tool-definition';

import { type ServerToolView, toolViews } from '../server/tool-views.ts';

/** Why a tool cannot be selected or published now. */
export type ToolProblemCode = 'server_disabled' | 'server_not_at_site' | 'waits_for_review' | 'rejected' | 'not_offered';
export interface ToolProblem {
  code: ToolProblemCode;
  /** for the screen: "waits for review" */
  text: string;
}

/** One tool that a profile could offer. */
export interface ToolChoice {
  toolName: string;
  title: string | null;
  description: string | null;
  pin: string;
  definition: ToolDefinition;
  risk: ServerToolView['risk'];
  riskAssumed: boolean;
  /** null: it can be selected */
  problem: ToolProblem | null;
}

export interface ServerChoices {
  serverId: string;
  slug: string;
  name: string;
  /** slugs of the profile's sites where this server is not reachable */
  missingAt: string[];
  tools: ToolChoice[];
}

/** What the newest revision of each server offers to a profile that is served at these sites. */
export async function toolChoices(
  tx: TenantTx,
  where: { tenantId: string; now: Date; siteIds: readonly string[]; serverIds?: readonly string[] },
): Promise<ServerChoices[]> {
  const { tenantId, now, siteIds, serverIds } = where;
  const sites = await tx.site.findMany({ where: { tenantId, id: { in: [...siteIds] } }, orderBy: { slug: 'asc' } });
  const servers = await tx.server.findMany({
    where: { tenantId, ...(serverIds ? { id: { in: [...serverIds] } } : {}) },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    include: { sites: true, revisions: { orderBy: { number: 'desc' }, take: 1, select: { id: true } } },
  });
  const choices: ServerChoices[] = [];
  for (const { id: serverId, slug, name, disabledAt, sites: reachable, revisions } of servers) {
    const reachableAt = new Set(reachable.map(({ siteId }) => siteId));
    const missingAt = sites.filter(({ id }) => !reachableAt.has(id)).map((site) => site.slug);
    const revisionId = revisions[0]?.id;
    const tools = revisionId ? await toolViews(tx, { tenantId, now, serverId, revisionId }) : [];
    const server = { disabled: disabledAt !== null, missingAt };
    choices.push({ serverId, slug, name, missingAt, tools: tools.map((tool) => choiceOf(tool, server)) });
  }
  return choices;
}

function choiceOf(tool: ServerToolView, server: { disabled: boolean; missingAt: readonly string[] }): ToolChoice {
  const { name: toolName, title, description, pin, definition, risk, riskAssumed } = tool;
  return { toolName, title, description, pin, definition, risk, riskAssumed, problem: problemOf(tool, server) };
}

function problemOf(
  { verdict }: Pick<ServerToolView, 'verdict'>,
  { disabled, missingAt }: { disabled: boolean; missingAt: readonly string[] },
): ToolProblem | null {
  if (disabled) return { code: 'server_disabled', text: 'its server is disabled' };
  if (missingAt.length > 0) return { code: 'server_not_at_site', text: `its server is not reachable at ${missingAt.join(', ')}` };
  switch (verdict) {
    case 'approved':
      return null;
    case 'rejected':
      return { code: 'rejected', text: 'rejected in review' };
    case 'pending':
      return { code: 'waits_for_review', text: 'waits for review' };
  }
}

export const NOT_OFFERED: ToolProblem = { code: 'not_offered', text: 'its server no longer offers it' };
