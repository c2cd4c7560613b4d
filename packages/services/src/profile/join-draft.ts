import type { TenantTx } from '@gatehouse/db/tenant';
import { findCollisions, suggestedName } from '@gatehouse/policy/catalogue';
import type { DraftTool, ProfileDraft, PublishedTool } from '@gatehouse/policy/profile';
import type { ToolDefinition } from '@gatehouse/policy/tool-definition';

import { notFound, ServiceError } from '../errors.ts';
import { NOT_OFFERED, type ServerChoices, type ToolChoice, toolChoices, type ToolProblem } from './tool-choices.ts';

/** A selected tool with what is known of it now. */
export interface JoinedTool extends DraftTool {
  serverSlug: string;
  serverName: string;
  /** the rename, else the server's own name */
  advertisedName: string;
  /** null when the server no longer offers it */
  pin: string | null;
  definition: ToolDefinition | null;
  risk: ToolChoice['risk'] | null;
  /** why it would not be served now */
  problem: ToolProblem | null;
}

/** The draft joined with what the servers offer now. Throws `not_found` for an unknown server. */
export async function joinDraft(
  tx: TenantTx,
  where: { tenantId: string; now: Date; siteIds: readonly string[] },
  draft: ProfileDraft,
): Promise<JoinedTool[]> {
  const serverIds = [...new Set(draft.tools.map(({ serverId }) => serverId))];
  return joinWith(await toolChoices(tx, { ...where, serverIds }), draft);
}

/** The same with choices that were read before. */
export function joinWith(choices: readonly ServerChoices[], draft: ProfileDraft): JoinedTool[] {
  const servers = new Map(
    choices.map((server) => [server.serverId, { server, tools: new Map(server.tools.map((t) => [t.toolName, t])) }]),
  );
  return draft.tools.map((tool) => {
    const found = servers.get(tool.serverId);
    if (!found) throw notFound('server');
    const choice = found.tools.get(tool.toolName);
    return {
      ...tool,
      serverSlug: found.server.slug,
      serverName: found.server.name,
      advertisedName: tool.rename ?? tool.toolName,
      pin: choice?.pin ?? null,
      definition: choice?.definition ?? null,
      risk: choice?.risk ?? null,
      problem: choice ? choice.problem : NOT_OFFERED,
    };
  });
}

/** Throws `invalid` when a tool is selected twice, `conflict` with owners and a suggestion each when two tools want the same name. */
export function refuseCollisions(tools: readonly JoinedTool[]): void {
  const selected = new Set<string>();
  for (const { serverId, toolName, serverSlug } of tools) {
    const key = `${serverId} ${toolName}`;
    if (selected.has(key)) throw new ServiceError('invalid', `${serverSlug}/${toolName} is selected twice. Reload the page.`);
    selected.add(key);
  }
  const collisions = findCollisions(tools).map(({ name, owners }) => ({
    name,
    owners: owners.map((owner) => ({ ...owner, suggestion: suggestedName(owner.serverSlug, owner.toolName) })),
  }));
  const [first] = collisions;
  if (!first) return;
  const owners = first.owners.map(({ serverSlug, toolName }) => `${serverSlug}/${toolName}`).join(' and ');
  const suggestions = first.owners.map(({ suggestion }) => suggestion).join(' or ');
  throw new ServiceError(
    'conflict',
    `${owners} would both be shown as "${first.name}". Rename one, for example to ${suggestions}.`,
    {
      collisions,
    },
  );
}

/** Throws `precondition` with `details.tools` when any of these tools would not be served now. */
export function refuseProblems(tools: readonly JoinedTool[]): void {
  const problems = tools.flatMap(({ serverSlug, toolName, problem }) => (problem ? [{ serverSlug, toolName, ...problem }] : []));
  const [first] = problems;
  if (!first) return;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new ServiceError(
    'precondition',
    `${first.serverSlug}/${first.toolName} cannot be used: ${first.text}${more}. Take it out of the profile, or settle that first.`,
    { tools: problems },
  );
}

/** What a version would hold of the draft: tools that are not usable now are left out, so check for problems first. */
export function publishedTools(tools: readonly JoinedTool[]): PublishedTool[] {
  return tools
    .flatMap(({ serverId, toolName, pin, advertisedName, describe, rule, denyReason, problem }) =>
      pin === null || problem ? [] : [{ serverId, toolName, pin, advertisedName, describe, rule, denyReason }],
    )
    .toSorted((a, b) => (a.advertisedName < b.advertisedName ? -1 : 1));
}
