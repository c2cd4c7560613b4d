import { advertisedPrompts, advertisedResources, advertisedTemplates, servableTool } from './advertise.ts';
import { contentHash, pinOf } from '../documents/canonical.ts';
import { compileCallCheck, type CallCheck } from './call-check.ts';
import { findCollisions } from './name-collisions.ts';
import type {
  CataloguePrompt,
  CatalogueResource,
  CatalogueResourceTemplate,
  CatalogueTool,
  SnapshotProfile,
} from '../documents/profile.ts';
import type { SnapshotServer } from '../documents/snapshot.ts';
import type {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '../documents/definition.ts';
import { uriMatcher } from './uri-template.ts';

export interface CompiledTool {
  tool: CatalogueTool;
  server: SnapshotServer;
  /** as advertised: the curated definition */
  listed: ToolDefinition;
  /** compiled on first use and kept; throws when the schema cannot be compiled */
  inputCheck(): CallCheck;
}

export interface CompiledPrompt {
  prompt: CataloguePrompt;
  server: SnapshotServer;
}

export interface CompiledResource {
  resource: CatalogueResource;
  server: SnapshotServer;
}

export interface CompiledTemplate {
  template: CatalogueResourceTemplate;
  server: SnapshotServer;
  matches: (uri: string) => boolean;
}

export interface CompiledProfile {
  profile: SnapshotProfile;
  /** exactly what the list methods answer */
  lists: {
    tools: readonly ToolDefinition[];
    prompts: readonly PromptDefinition[];
    resources: readonly ResourceDefinition[];
    resourceTemplates: readonly ResourceTemplateDefinition[];
  };
  /** content hashes of the lists: clients are told of a change when one differs. `resources` covers the templates too */
  listHashes: { tools: string; prompts: string; resources: string };
  /** by advertised name; denied tools included */
  tools: ReadonlyMap<string, CompiledTool>;
  /** by advertised name */
  prompts: ReadonlyMap<string, CompiledPrompt>;
  /** by address */
  resources: ReadonlyMap<string, CompiledResource>;
  /** asked in this order for an address that is no resource of its own */
  templates: readonly CompiledTemplate[];
}

/** Arranges one profile. What contradicts itself is added to `problems`. */
export function compileProfile(
  profile: SnapshotProfile,
  serversById: ReadonlyMap<string, SnapshotServer>,
  problems: string[],
): CompiledProfile {
  const inspect = new Inspection(profile, serversById, problems);
  const tools = compileTools(inspect);
  const prompts = compilePrompts(inspect);
  const resources = compileResources(inspect);
  const templates = compileTemplates(inspect);
  const lists = {
    tools: [...tools.values()]
      .filter(({ tool }) => tool.rule === 'allow')
      .map(({ listed }) => listed)
      .toSorted(byName),
    prompts: advertisedPrompts(profile),
    resources: advertisedResources(profile),
    resourceTemplates: advertisedTemplates(profile),
  };
  const listHashes = {
    tools: contentHash(lists.tools),
    prompts: contentHash(lists.prompts),
    resources: contentHash([lists.resources, lists.resourceTemplates]),
  };
  return { profile, lists, listHashes, tools, prompts, resources, templates };
}

/** Looks for contradictions in one profile. */
class Inspection {
  readonly profile: SnapshotProfile;
  readonly #serversById: ReadonlyMap<string, SnapshotServer>;
  readonly #problems: string[];

  constructor(profile: SnapshotProfile, serversById: ReadonlyMap<string, SnapshotServer>, problems: string[]) {
    this.profile = profile;
    this.#serversById = serversById;
    this.#problems = problems;
  }

  note(problem: string): void {
    this.#problems.push(`profile ${this.profile.slug}: ${problem}`);
  }

  /** The server of something, whose definition must have its pin and be the one that is named. */
  serverOf(what: string, { serverId, pin, definition }: Pinned, isNamed: boolean): SnapshotServer | null {
    if (!isNamed || pinOf(definition) !== pin) this.note(`the definition of ${what} is not the pinned one`);
    const server = this.#serversById.get(serverId);
    if (!server) this.note(`${what} names a server that is not there`);
    return server ?? null;
  }

  collisions(what: 'tools' | 'prompts', claims: readonly { serverId: string; advertisedName: string; toolName: string }[]): void {
    const named = claims.map(({ serverId, ...claim }) => ({
      ...claim,
      serverSlug: this.#serversById.get(serverId)?.slug ?? '?',
    }));
    for (const { name } of findCollisions(named)) this.note(`two ${what} are called ${name}`);
  }
}

interface Pinned {
  serverId: string;
  pin: string;
  definition: Parameters<typeof pinOf>[0];
}

function compileTools(inspect: Inspection): Map<string, CompiledTool> {
  const { tools } = inspect.profile;
  const compiled = new Map<string, CompiledTool>();
  for (const tool of tools) {
    const server = inspect.serverOf(`tool ${tool.advertisedName}`, tool, tool.definition.name === tool.toolName);
    const entry = server && compileTool(tool, server);
    if (entry) compiled.set(tool.advertisedName, entry);
  }
  inspect.collisions('tools', tools);
  return compiled;
}

function compilePrompts(inspect: Inspection): Map<string, CompiledPrompt> {
  const { prompts } = inspect.profile;
  const compiled = new Map<string, CompiledPrompt>();
  for (const prompt of prompts) {
    const server = inspect.serverOf(`prompt ${prompt.advertisedName}`, prompt, prompt.definition.name === prompt.promptName);
    if (server) compiled.set(prompt.advertisedName, { prompt, server });
  }
  inspect.collisions(
    'prompts',
    prompts.map((prompt) => ({ ...prompt, toolName: prompt.promptName })),
  );
  return compiled;
}

function compileResources(inspect: Inspection): Map<string, CompiledResource> {
  const compiled = new Map<string, CompiledResource>();
  for (const resource of inspect.profile.resources) {
    const { uri } = resource;
    const server = inspect.serverOf(`resource ${uri}`, resource, resource.definition.uri === uri);
    if (compiled.has(uri)) inspect.note(`two resources have the address ${uri}`);
    if (server) compiled.set(uri, { resource, server });
  }
  return compiled;
}

function compileTemplates(inspect: Inspection): CompiledTemplate[] {
  const compiled = new Map<string, CompiledTemplate>();
  for (const template of inspect.profile.resourceTemplates.toSorted((a, b) => (a.uriTemplate < b.uriTemplate ? -1 : 1))) {
    const { uriTemplate, definition } = template;
    const server = inspect.serverOf(`template ${uriTemplate}`, template, definition.uriTemplate === uriTemplate);
    const matcher = uriMatcher(uriTemplate);
    if (!matcher) inspect.note(`the template ${uriTemplate} cannot be read`);
    else if (compiled.has(matcher.shape)) inspect.note(`two templates describe the addresses ${uriTemplate}`);
    else if (server) compiled.set(matcher.shape, { template, server, matches: matcher.matches });
  }
  return [...compiled.values()];
}

/** Null when the rules cannot be applied to the schema: such a tool is neither listed nor callable. */
function compileTool(tool: CatalogueTool, server: SnapshotServer): CompiledTool | null {
  const listed = servableTool(tool);
  if (!listed) return null;
  let check: CallCheck | undefined;
  return { tool, server, listed, inputCheck: () => (check ??= compileCallCheck(tool.definition.inputSchema, tool.arguments)) };
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}
