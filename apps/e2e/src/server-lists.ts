import type { Client } from '@modelcontextprotocol/client';
import { z } from 'zod';

import {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '@gatehouse/policy/documents/definition';

/** What one MCP server offers, each definition as it came over the wire. */
export interface ServerLists {
  tools: ToolDefinition[];
  prompts: PromptDefinition[];
  resources: ResourceDefinition[];
  resourceTemplates: ResourceTemplateDefinition[];
  features: { logging: boolean; completions: boolean; resourceSubscriptions: boolean };
}

/** A client that declares everything a server may ask for lists the most: some servers offer fewer tools to lesser clients. */
export const FULL_CAPABILITIES = { roots: { listChanged: true }, sampling: {}, elicitation: { form: {}, url: {} } };

/** Reads every page of every list that the server declares. `request` keeps keys that the SDK's own list verbs would drop. */
export async function listServer(client: Client): Promise<ServerLists> {
  const offers = client.getServerCapabilities() ?? {};
  const [tools, prompts, resources, resourceTemplates] = [
    offers.tools ? await listAll(client, 'tools/list', 'tools', ToolDefinition) : [],
    offers.prompts ? await listAll(client, 'prompts/list', 'prompts', PromptDefinition) : [],
    offers.resources ? await listAll(client, 'resources/list', 'resources', ResourceDefinition) : [],
    offers.resources ? await listAll(client, 'resources/templates/list', 'resourceTemplates', ResourceTemplateDefinition) : [],
  ];
  const features = {
    logging: offers.logging !== undefined,
    completions: offers.completions !== undefined,
    resourceSubscriptions: offers.resources?.subscribe === true,
  };
  return { tools, prompts, resources, resourceTemplates, features };
}

/** Servers may have resources and no templates, or say that they have prompts, and then not know the method. */
function passOverUnknown(error: unknown): Record<string, unknown> {
  if (error instanceof Error && 'code' in error && error.code === -32_601) return {};
  throw error;
}

async function listAll<T>(client: Client, method: string, key: string, item: z.ZodType<T>): Promise<T[]> {
  const found: T[] = [];
  const Page = z.looseObject({ [key]: z.array(item), nextCursor: z.string().optional() });
  let cursor: string | undefined;
  do {
    const page = await client.request({ method, params: cursor === undefined ? {} : { cursor } }, Page).catch(passOverUnknown);
    found.push(...z.array(item).parse(page[key] ?? []));
    cursor = z.string().optional().parse(page.nextCursor);
  } while (cursor !== undefined);
  return found;
}
