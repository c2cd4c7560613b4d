import { setImmediate as nextTurn } from 'node:timers/promises';

import type { EntryKind, EntryOf } from '@gatehouse/policy/documents/catalogue-entry';
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '@gatehouse/policy/documents/definition';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { ServerFeatures } from '@gatehouse/policy/documents/snapshot';
import { checkEntry, LIST_LIMITS } from '@gatehouse/policy/limits/entry-limits';

import type { CredentialScrub } from '../secrets/credential-scrub.ts';
import { describeAgent, buildModernMeta } from '../upstream/client/initialize.ts';
import { listPages, listTools, type PageList } from '../upstream/client/list-pages.ts';
import { toUpstreamFailure } from '../upstream/failure.ts';
import type { RpcAnswer } from '../wire/json-rpc.ts';
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
const LIST_BYTES = 512 * 1024;
/** A server may announce tools that it only adds once it knows its client. */
const MOST_TOOL_LISTINGS = 3;

/** Reads every list of a server. Rejects with UpstreamFailure or the cause when its tools cannot be listed; other lists may be missing. */
export async function readOffer(inspection: Inspection, options: OfferOptions): Promise<Offer> {
  const { connection } = inspection;
  const { credentials, agentVersion, signal } = options;
  const meta = buildModernMeta(describeAgent(agentVersion), null);
  const ask = (method: string, params: JsonObject): Promise<RpcAnswer> =>
    connection.request({ method, params: connection.server.era === 'modern' ? { ...params, _meta: meta } : params, signal });
  const { tools, leftOut } = await checkTools(await listSettledTools(inspection, ask), credentials);
  const found = [`${tools.length} tools`];

  async function entriesOf<Kind extends EntryKind>(list: EntryList<Kind>): Promise<EntryOf<Kind>[]> {
    if (connection.server.capabilities[list.capability] === undefined) return [];
    try {
      const { entries, more } = await listPages(list, ask);
      const checked = checkEntries(list, entries, credentials);
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

  const prompts = (await entriesOf(PROMPTS)).map(({ definition }) => definition);
  const resources = (await entriesOf(RESOURCES)).map(({ definition }) => definition);
  const resourceTemplates = (await entriesOf(TEMPLATES)).map(({ definition }) => definition);
  const features = readFeatures(connection.server.capabilities);
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
    // checking compiles schemas, which takes long: calls under way get their turn in between
    await nextTurn();
    const checked = checkEntry('tool', raw);
    if (!checked.ok) {
      leftOut.push(`left out ${checked.name}: ${checked.problem}`);
      continue;
    }
    const { name, definition } = checked.entry;
    if (credentials.scrubValue(raw) !== raw) leftOut.push(`left out ${name}: ${HOLDS_CREDENTIAL}`);
    else if (accepted.has(name)) leftOut.push(`left out ${name}: ${TWICE}`);
    else accepted.set(name, definition);
  }
  return { tools: [...accepted.values()], leftOut };
}

const HOLDS_CREDENTIAL = 'it holds a credential of this agent';
const TWICE = 'the server defines it twice';

interface EntryList<Kind extends EntryKind> extends PageList {
  kind: Kind;
  capability: 'prompts' | 'resources';
  label: string;
}

const PROMPTS: EntryList<'prompt'> = {
  method: METHOD.listPrompts,
  key: 'prompts',
  most: LIST_LIMITS.prompts,
  kind: 'prompt',
  capability: 'prompts',
  label: 'prompts',
};
const RESOURCES: EntryList<'resource'> = {
  method: METHOD.listResources,
  key: 'resources',
  most: LIST_LIMITS.resources,
  kind: 'resource',
  capability: 'resources',
  label: 'resources',
};
const TEMPLATES: EntryList<'template'> = {
  method: METHOD.listTemplates,
  key: 'resourceTemplates',
  most: LIST_LIMITS.resourceTemplates,
  kind: 'template',
  capability: 'resources',
  label: 'resource templates',
};

function checkEntries<Kind extends EntryKind>(
  { kind, label }: EntryList<Kind>,
  listed: readonly unknown[],
  credentials: CredentialScrub,
): { accepted: EntryOf<Kind>[]; leftOut: string[] } {
  const accepted = new Map<string, EntryOf<Kind>>();
  const leftOut: string[] = [];
  let bytes = 0;
  for (const raw of listed) {
    const checked = checkEntry(kind, raw);
    if (!checked.ok) {
      leftOut.push(`left out one of the ${label}: ${checked.problem}`);
      continue;
    }
    const { name } = checked.entry;
    const shown = name.slice(0, 64).replaceAll(/[^\x20-\x7e]/g, '?');
    bytes += JSON.stringify(raw).length;
    if (bytes > LIST_BYTES) {
      leftOut.push(`left out all ${label} from ${shown} on: together they are larger than ${LIST_BYTES / 1024} kB`);
      break;
    }
    if (credentials.scrubValue(raw) !== raw) leftOut.push(`left out one of the ${label}: ${HOLDS_CREDENTIAL}`);
    else if (accepted.has(name)) leftOut.push(`left out ${shown}: ${TWICE}`);
    else accepted.set(name, checked.entry);
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
