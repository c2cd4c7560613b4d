import { curateInputSchema, SchemaTooComplex } from '../curation/curate-schema.ts';
import { isOfKind } from '../documents/catalogue-entry.ts';
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '../documents/definition.ts';
import { isJsonObject, type JsonObject } from '../documents/json.ts';
import type { SnapshotEntry, SnapshotEntryOf, SnapshotProfile, SnapshotTool } from '../documents/profile.ts';
import { restoreDigits } from '../schema/noted-digits.ts';
import { makeReadable } from './fit-clients.ts';
import { withServedHints } from './served-hints.ts';

/** Key of a definition's `_meta` under which the HTTP operation of a REST tool stands. The pin covers it; clients are not shown it. */
export const OPERATION_META = 'gatehouse/operation';

/** What the list methods of a profile answer. */
export interface AdvertisedLists {
  tools: ToolDefinition[];
  prompts: PromptDefinition[];
  resources: ResourceDefinition[];
  resourceTemplates: ResourceTemplateDefinition[];
}

/**
 * The lists of a profile: approved definitions, tools and prompts under their advertised names, tools with their curated description and input
 * schema and with hints of the decided risk, everything else as the server said it and clients can read it. Denied tools are left out. Each is ordered by its names, so
 * equal configuration gives equal bytes; the console's preview calls this too.
 */
export function buildAdvertisedLists(
  entries: readonly SnapshotEntry[],
  toolOf: (tool: SnapshotTool) => ToolDefinition | null = toServableTool,
): AdvertisedLists {
  const selectKind = <Kind extends SnapshotEntry['kind']>(kind: Kind): SnapshotEntryOf<Kind>[] =>
    entries.filter((entry) => isOfKind(entry, kind));
  const tools = selectKind('tool').flatMap((tool) => (tool.rule === 'allow' ? (toolOf(tool) ?? []) : []));
  const prompts = selectKind('prompt').map(({ definition, advertisedName }) => {
    const { name: _name, ...rest } = restoreDigits(makeReadable('prompt', definition));
    return { name: advertisedName, ...rest };
  });
  return {
    tools: sortBy(tools, ({ name }) => name),
    prompts: sortBy(prompts, ({ name }) => name),
    resources: sortBy(
      selectKind('resource').map(({ definition }) => restoreDigits(makeReadable('resource', definition))),
      ({ uri }) => uri,
    ),
    resourceTemplates: sortBy(
      selectKind('template').map(({ definition }) => restoreDigits(makeReadable('template', definition))),
      ({ uriTemplate }) => uriTemplate,
    ),
  };
}

/** What clients of a profile are told at the start: its description, then what its servers say, by name when there are several. */
export function buildInstructions(
  { description, entries }: Pick<SnapshotProfile, 'description' | 'entries'>,
  serverName: (serverId: string) => string,
): string {
  const said = entries.flatMap((entry) =>
    entry.kind === 'instructions' ? [{ name: serverName(entry.serverId), text: entry.definition.text }] : [],
  );
  const texts = sortBy(said, ({ name }) => name).map(({ name, text }) => (said.length > 1 ? `${name}:\n${text}` : text));
  return [description, ...texts].filter((text) => text !== '').join('\n\n');
}

/** What the entry of a tool in `tools/list` is made of. */
export type ServableTool = Pick<SnapshotTool, 'advertisedName' | 'describe' | 'arguments' | 'definition' | 'risk'>;

/** One entry of `tools/list`. Throws SchemaTooComplex. */
export function toAdvertisedTool(tool: ServableTool): ToolDefinition {
  const definition = restoreDigits(makeReadable('tool', withoutOperation(tool.definition)));
  const { name: _name, description, ...rest } = withServedHints(definition, tool.risk);
  const words = tool.describe ?? description;
  return {
    name: tool.advertisedName,
    ...(words === undefined ? {} : { description: words }),
    ...rest,
    inputSchema: curateInputSchema(rest.inputSchema, tool.arguments),
  };
}

/** The same; null when the rules cannot be applied to the schema, and then the tool cannot be called either. */
export function toServableTool(tool: ServableTool): ToolDefinition | null {
  try {
    return toAdvertisedTool(tool);
  } catch (error) {
    if (error instanceof SchemaTooComplex) return null;
    throw error;
  }
}

/**
 * A tool of an HTTP API without the request behind it, and without what its description says of answers: clients hold a result to an output
 * schema and throw it away when it has another form, after the API has done what was asked.
 */
function withoutOperation(definition: ToolDefinition): ToolDefinition {
  const meta: unknown = definition['_meta'];
  if (!isJsonObject(meta) || !Object.hasOwn(meta, OPERATION_META)) return definition;
  const { [OPERATION_META]: _operation, ...others } = meta;
  const { _meta, outputSchema: _answers, ...rest } = definition;
  return Object.keys(others).length === 0 ? rest : { ...rest, _meta: others satisfies JsonObject };
}

function sortBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
