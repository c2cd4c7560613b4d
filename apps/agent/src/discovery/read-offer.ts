import { setImmediate as nextTurn } from 'node:timers/promises';

import { checkDefinition } from '@gatehouse/policy/limits/definition-limits';
import {
  checkPrompt,
  checkResource,
  checkResourceTemplate,
  ITEM_LIMITS,
  type CheckedItem,
} from '@gatehouse/policy/limits/item-limits';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { ServerFeatures } from '@gatehouse/policy/documents/snapshot';
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '@gatehouse/policy/documents/definition';

import type { RpcAnswer } from '../wire/json-rpc.ts';
import type { CredentialScrub } from '../secrets/credential-scrub.ts';
import { toUpstreamFailure } from '../upstream/failure.ts';
import { describeAgent, buildModernMeta } from '../upstream/client/initialize.ts';
import { listPages, listTools, type PageList } from '../upstream/client/list-pages.ts';
import { METHOD } from '../wire/protocol.ts';
import type { Inspection } from './inspect-server.ts';

/** What a server offers, as far as it may be reviewed. */
export interface Offer {
  features: ServerFeatures;
  tools: ToolDefinition[];
  prompts: PromptDefinition[];
  resources: ResourceDefinition[];
  resourceTemplates: ResourceTemplateDefinition[];
  /** in words: how much there is, and what was left out for which reason */
  found: string[];
}

export interface OfferOptions {
  credentials: CredentialScrub;
  agentVersion: string;
  signal: AbortSignal;
}

/** bytes of all prompts, resources or templates of a server as JSON: they leave the site in one message with the tools */
const ITEM_BYTES = 512 * 1024;
/** A server may announce tools that it only adds once it knows its client. */
const MOST_TOOL_LISTINGS = 3;

/** Reads every list of a server. Rejects with UpstreamFailure or the cause when its tools cannot be listed; other lists may be missing. */
export async function readOffer(inspection: Inspection, options: OfferOptions): Promise<Offer> {
  const { connection } = inspection;
  const { credentials, agentVersion, signal } = options;
  const meta = buildModernMeta(describeAgent(agentVersion), null);
  const ask = (method: string, params: JsonObject): Promise<RpcAnswer> =>
    connection.request({ method, params: connection.era === 'modern' ? { ...params, _meta: meta } : params, signal });
  const { tools, leftOut } = await checkTools(await listSettledTools(inspection, ask), credentials);
  const found = [`${tools.length} tools`];

  async function items<Definition>(list: ItemList<Definition>): Promise<Definition[]> {
    if (connection.capabilities[list.capability] === undefined) return [];
    try {
      const { entries, more } = await listPages(list, ask);
      const checked = checkItems(list, entries, credentials);
      found.push(`${checked.accepted.length} ${list.label}`);
      leftOut.push(...checked.leftOut);
      if (more) leftOut.push(`left out more than ${list.most} ${list.label}`);
      return checked.accepted;
    } catch (error) {
      signal.throwIfAborted();
      leftOut.push(`${list.label} could not be listed: ${toUpstreamFailure(error).message}`);
      return [];
    }
  }

  const prompts = await items(PROMPTS);
  const resources = await items(RESOURCES);
  const resourceTemplates = await items(TEMPLATES);
  const features = readFeatures(connection.capabilities);
  return { features, tools, prompts, resources, resourceTemplates, found: [...found, ...leftOut] };
}

async function listSettledTools(inspection: Inspection, ask: Parameters<typeof listTools>[0]): Promise<unknown[]> {
  for (let times = 1; ; times += 1) {
    const before = inspection.toolChanges();
    const tools = await listTools(ask);
    if (inspection.toolChanges() === before || times >= MOST_TOOL_LISTINGS) return tools;
  }
}

async function checkTools(
  tools: readonly unknown[],
  credentials: CredentialScrub,
): Promise<{ tools: ToolDefinition[]; leftOut: string[] }> {
  const accepted = new Map<string, ToolDefinition>();
  const leftOut: string[] = [];
  for (const raw of tools) {
    // checking compiles schemas: calls that are under way go first
    await nextTurn();
    const checked = checkDefinition(raw);
    if (!checked.ok) leftOut.push(`left out ${checked.name}: ${checked.problem}`);
    else if (credentials.value(raw) !== raw) leftOut.push(`left out ${checked.definition.name}: ${HOLDS_CREDENTIAL}`);
    else if (accepted.has(checked.definition.name)) leftOut.push(`left out ${checked.definition.name}: ${TWICE}`);
    else accepted.set(checked.definition.name, checked.definition);
  }
  return { tools: [...accepted.values()], leftOut };
}

const HOLDS_CREDENTIAL = 'it holds a credential of this agent';
const TWICE = 'the server defines it twice';

interface ItemList<Definition> extends PageList {
  capability: 'prompts' | 'resources';
  label: string;
  check: (raw: unknown) => CheckedItem<Definition>;
  nameOf: (definition: Definition) => string;
}

const PROMPTS: ItemList<PromptDefinition> = {
  method: METHOD.listPrompts,
  key: 'prompts',
  most: ITEM_LIMITS.prompts,
  capability: 'prompts',
  label: 'prompts',
  check: checkPrompt,
  nameOf: ({ name }) => name,
};
const RESOURCES: ItemList<ResourceDefinition> = {
  method: METHOD.listResources,
  key: 'resources',
  most: ITEM_LIMITS.resources,
  capability: 'resources',
  label: 'resources',
  check: checkResource,
  nameOf: ({ uri }) => uri,
};
const TEMPLATES: ItemList<ResourceTemplateDefinition> = {
  method: METHOD.listTemplates,
  key: 'resourceTemplates',
  most: ITEM_LIMITS.resourceTemplates,
  capability: 'resources',
  label: 'resource templates',
  check: checkResourceTemplate,
  nameOf: ({ uriTemplate }) => uriTemplate,
};

function checkItems<Definition>(
  { check, nameOf, label }: ItemList<Definition>,
  entries: readonly unknown[],
  credentials: CredentialScrub,
): { accepted: Definition[]; leftOut: string[] } {
  const accepted = new Map<string, Definition>();
  const leftOut: string[] = [];
  let bytes = 0;
  for (const raw of entries) {
    const checked = check(raw);
    if (!checked.ok) {
      leftOut.push(`left out one of the ${label}: ${checked.problem}`);
      continue;
    }
    const name = nameOf(checked.definition);
    const shown = name.slice(0, 64).replaceAll(/[^\x20-\x7e]/g, '?');
    bytes += JSON.stringify(raw).length;
    if (bytes > ITEM_BYTES) {
      leftOut.push(`left out all ${label} from ${shown} on: together they are larger than ${ITEM_BYTES / 1024} kB`);
      break;
    }
    if (credentials.value(raw) !== raw) leftOut.push(`left out one of the ${label}: ${HOLDS_CREDENTIAL}`);
    else if (accepted.has(name)) leftOut.push(`left out ${shown}: ${TWICE}`);
    else accepted.set(name, checked.definition);
  }
  return { accepted: [...accepted.values()], leftOut };
}

function readFeatures(capabilities: JsonObject): ServerFeatures {
  const { logging, completions, resources } = capabilities;
  return {
    logging: isJsonObject(logging),
    completions: isJsonObject(completions),
    resourceSubscriptions: isJsonObject(resources) && resources['subscribe'] === true,
  };
}
