import type { ItemKind } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { MAX_ADVERTISED_NAME } from '@gatehouse/policy/compile/advertised-name';
import { argumentRuleProblems } from '@gatehouse/policy/curation/argument-rule-problems';
import type { DraftTool, ProfileDraft } from '@gatehouse/policy/documents/profile';
import { type ToolDefinition, ToolName } from '@gatehouse/policy/documents/definition';

import type { ItemDefinition } from '../discovery/sort-items.ts';
import { notFound } from '../errors.ts';
import { NOT_OFFERED, type ToolProblem } from './problem.ts';
import { type ItemChoice, type ServerChoices, type ToolChoice, toolChoices } from './tool-choices.ts';

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

/** A selected prompt, resource or resource template with what is known of it now. */
export interface JoinedItem {
  kind: ItemKind;
  serverId: string;
  serverSlug: string;
  serverName: string;
  /** the server's own name of a prompt, the address of a resource, the address template */
  name: string;
  /** of a prompt; null: the server's own name. Addresses are never renamed */
  rename: string | null;
  advertisedName: string;
  /** null when the server no longer offers it */
  pin: string | null;
  definition: ItemDefinition | null;
  /** why it would not be served now */
  problem: ToolProblem | null;
}

/** A whole draft with what is known of it now. */
export interface JoinedDraft {
  tools: JoinedTool[];
  prompts: JoinedItem[];
  resources: JoinedItem[];
  resourceTemplates: JoinedItem[];
}

/** The draft joined with what the servers offer now. Throws `not_found` for an unknown server. */
export async function joinDraft(
  tx: TenantTx,
  where: { tenantId: string; now: Date; siteIds: readonly string[] },
  draft: ProfileDraft,
): Promise<JoinedDraft> {
  const selected = [...draft.tools, ...draft.prompts, ...draft.resources, ...draft.resourceTemplates];
  const serverIds = [...new Set(selected.map(({ serverId }) => serverId))];
  return joinWith(await toolChoices(tx, { ...where, serverIds }), draft);
}

/** The same with choices that were read before. */
export function joinWith(choices: readonly ServerChoices[], draft: ProfileDraft): JoinedDraft {
  const servers = new Map(choices.map((server) => [server.serverId, server]));
  const serverOf = (serverId: string): ServerChoices => {
    const server = servers.get(serverId);
    if (!server) throw notFound('server');
    return server;
  };
  const toolOf = new Map(choices.flatMap((server) => server.tools.map((tool) => [`${server.serverId} ${tool.toolName}`, tool])));
  const item = (kind: ItemKind, of: keyof ItemLists, serverId: string, name: string, rename: string | null): JoinedItem =>
    joinedItem({ kind, serverId, name, rename }, serverOf(serverId), of);
  return {
    tools: draft.tools.map((tool) => joinedTool(tool, serverOf(tool.serverId), toolOf.get(`${tool.serverId} ${tool.toolName}`))),
    prompts: draft.prompts.map(({ serverId, promptName, rename }) => item('prompt', 'prompts', serverId, promptName, rename)),
    resources: draft.resources.map(({ serverId, uri }) => item('resource', 'resources', serverId, uri, null)),
    resourceTemplates: draft.resourceTemplates.map(({ serverId, uriTemplate }) =>
      item('template', 'resourceTemplates', serverId, uriTemplate, null),
    ),
  };
}

type ItemLists = Pick<ServerChoices, 'prompts' | 'resources' | 'resourceTemplates'>;

function joinedTool(tool: DraftTool, server: ServerChoices, choice: ToolChoice | undefined): JoinedTool {
  const advertisedName = tool.rename ?? tool.toolName;
  return {
    ...tool,
    serverSlug: server.slug,
    serverName: server.name,
    advertisedName,
    pin: choice?.pin ?? null,
    definition: choice?.definition ?? null,
    risk: choice?.risk ?? null,
    problem: choice ? (choice.problem ?? nameProblem(advertisedName) ?? ruleProblem(tool, choice)) : NOT_OFFERED,
  };
}

function joinedItem(
  item: Pick<JoinedItem, 'kind' | 'serverId' | 'name' | 'rename'>,
  server: ServerChoices,
  list: keyof ItemLists,
): JoinedItem {
  const choice: ItemChoice | undefined = server[list].find(({ name }) => name === item.name);
  const advertisedName = item.rename ?? item.name;
  return {
    ...item,
    serverSlug: server.slug,
    serverName: server.name,
    advertisedName,
    pin: choice?.pin ?? null,
    definition: choice?.definition ?? null,
    problem: choice ? (choice.problem ?? (item.kind === 'prompt' ? nameProblem(advertisedName) : null)) : NOT_OFFERED,
  };
}

function nameProblem(name: string): ToolProblem | null {
  if (name.length > MAX_ADVERTISED_NAME) {
    return {
      code: 'name_too_long',
      text: `its name is longer than ${MAX_ADVERTISED_NAME} characters, which several AI clients refuse: rename it`,
    };
  }
  if (ToolName.safeParse(name).success) return null;
  return { code: 'name_invalid', text: 'its name has other characters than A-Z a-z 0-9 _ - . : rename it' };
}

function ruleProblem(tool: DraftTool, { definition }: ToolChoice): ToolProblem | null {
  const problems = argumentRuleProblems(definition.inputSchema, tool.arguments);
  return problems.length === 0 ? null : { code: 'argument_rules', text: problems.join(' ') };
}
