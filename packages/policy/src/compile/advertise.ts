import { curateInputSchema, SchemaTooComplex } from '../curation/curate-schema.ts';
import { isJsonObject, type JsonObject } from '../documents/json.ts';
import type { CataloguePrompt, CatalogueResource, CatalogueResourceTemplate, CatalogueTool } from '../documents/profile.ts';
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '../documents/definition.ts';

/** Key of a definition's `_meta` under which the HTTP operation of a REST tool stands. The pin covers it; clients are not shown it. */
export const OPERATION_META = 'gatehouse/operation';

/**
 * The entries of `tools/list` for a profile: the approved definition under its advertised name and description and with its curated input
 * schema, everything else as the server said it. Denied tools are left out. Ordered by advertised name, so equal configuration gives equal
 * bytes; the console's preview calls this too.
 */
export function advertisedTools(profile: { tools: readonly CatalogueTool[] }): ToolDefinition[] {
  return sortedBy(
    profile.tools.filter((tool) => tool.rule === 'allow').flatMap((tool) => servableTool(tool) ?? []),
    ({ name }) => name,
  );
}

/** One entry of `tools/list`. Throws SchemaTooComplex. */
export function advertisedTool(tool: CatalogueTool): ToolDefinition {
  const { name: _name, description, ...rest } = shown(tool.definition);
  const words = tool.describe ?? description;
  return {
    name: tool.advertisedName,
    ...(words === undefined ? {} : { description: words }),
    ...rest,
    inputSchema: curateInputSchema(rest.inputSchema, tool.arguments),
  };
}

/** The same; null when the rules cannot be applied to the schema, and then the tool cannot be called either. */
export function servableTool(tool: CatalogueTool): ToolDefinition | null {
  try {
    return advertisedTool(tool);
  } catch (error) {
    if (error instanceof SchemaTooComplex) return null;
    throw error;
  }
}

/** The entries of `prompts/list`. */
export function advertisedPrompts(profile: { prompts: readonly CataloguePrompt[] }): PromptDefinition[] {
  return sortedBy(
    profile.prompts.map(({ definition, advertisedName }) => {
      const { name: _name, ...rest } = definition;
      return { name: advertisedName, ...rest };
    }),
    ({ name }) => name,
  );
}

/** The entries of `resources/list`: exactly the approved definitions, because an address is the identity of a resource. */
export function advertisedResources(profile: { resources: readonly CatalogueResource[] }): ResourceDefinition[] {
  return sortedBy(
    profile.resources.map(({ definition }) => definition),
    ({ uri }) => uri,
  );
}

/** The entries of `resources/templates/list`. */
export function advertisedTemplates(profile: {
  resourceTemplates: readonly CatalogueResourceTemplate[];
}): ResourceTemplateDefinition[] {
  return sortedBy(
    profile.resourceTemplates.map(({ definition }) => definition),
    ({ uriTemplate }) => uriTemplate,
  );
}

function shown(definition: ToolDefinition): ToolDefinition {
  const meta: unknown = definition['_meta'];
  if (!isJsonObject(meta) || !Object.hasOwn(meta, OPERATION_META)) return definition;
  const { [OPERATION_META]: _operation, ...others } = meta;
  const { _meta, ...rest } = definition;
  return Object.keys(others).length === 0 ? rest : { ...rest, _meta: others satisfies JsonObject };
}

function sortedBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
