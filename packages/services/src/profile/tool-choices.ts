import type { TenantTx } from '@gatehouse/db/tenant';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';

import type { ItemDefinition } from '../discovery/sort-items.ts';
import { type ServerItemView, serverItemViews } from '../server/item-views.ts';
import { type ServerToolView, toolViews } from '../server/tool-views.ts';
import { standingProblem, type ToolProblem } from './problem.ts';

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

/** One prompt, resource or resource template that a profile could offer. */
export interface ItemChoice {
  kind: ServerItemView['kind'];
  /** the server's own name of a prompt, the address of a resource, the address template */
  name: string;
  title: string | null;
  description: string | null;
  pin: string;
  definition: ItemDefinition;
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
  prompts: ItemChoice[];
  resources: ItemChoice[];
  resourceTemplates: ItemChoice[];
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
    const views = revisionId ? await serverItemViews(tx, { tenantId, now, serverId, revisionId }) : [];
    const server = { disabled: disabledAt !== null, missingAt };
    const items = views.map((item) => itemChoiceOf(item, server));
    choices.push({
      serverId,
      slug,
      name,
      missingAt,
      tools: tools.map((tool) => choiceOf(tool, server)),
      prompts: items.filter(({ kind }) => kind === 'prompt'),
      resources: items.filter(({ kind }) => kind === 'resource'),
      resourceTemplates: items.filter(({ kind }) => kind === 'template'),
    });
  }
  return choices;
}

function choiceOf(tool: ServerToolView, server: { disabled: boolean; missingAt: readonly string[] }): ToolChoice {
  const { name: toolName, title, description, pin, definition, risk, riskAssumed } = tool;
  return { toolName, title, description, pin, definition, risk, riskAssumed, problem: standingProblem(tool.verdict, server) };
}

function itemChoiceOf(item: ServerItemView, server: { disabled: boolean; missingAt: readonly string[] }): ItemChoice {
  const { kind, name, title, description, pin, definition } = item;
  return { kind, name, title, description, pin, definition, problem: standingProblem(item.verdict, server) };
}
