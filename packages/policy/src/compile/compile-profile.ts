import { isOfKind } from '../documents/catalogue-entry.ts';
import { hashContent } from '../documents/content-hash.ts';
import type { ToolDefinition } from '../documents/definition.ts';
import {
  type ArgumentSettings,
  getAdvertisedName,
  getArgumentSettings,
  type SnapshotEntry,
  type SnapshotEntryOf,
  type SnapshotProfile,
} from '../documents/profile.ts';
import { findRestOperation } from '../documents/rest-operation.ts';
import type { SnapshotServer } from '../documents/snapshot.ts';
import { restoreDigits } from '../schema/noted-digits.ts';
import { buildInstructions, buildAdvertisedLists, type AdvertisedLists, toServableTool } from './advertise.ts';
import { compileCallCheck, type CallCheck } from './call-check.ts';
import { makeReadableForOlder } from './fit-clients.ts';
import { findCollisions } from './name-collisions.ts';
import { compileUriMatcher } from './uri-template.ts';

export interface CompiledEntry<Kind extends SnapshotEntry['kind']> {
  entry: SnapshotEntryOf<Kind>;
  server: SnapshotServer;
}

export interface CompiledTool extends CompiledEntry<'tool'> {
  /** as advertised: the curated definition */
  listed: ToolDefinition;
  /** compiled on first use and kept; throws when the schema cannot be compiled */
  getInputCheck(): CallCheck;
}

export interface CompiledTemplate extends CompiledEntry<'template'> {
  matches: (uri: string) => boolean;
}

export interface CompiledProfile {
  profile: SnapshotProfile;
  /** what clients are told at the start; empty when there is nothing to tell */
  instructions: string;
  /** exactly what the list methods answer */
  lists: AdvertisedLists;
  /** the tools as clients of the revisions before 2026-07-28 can read them */
  olderTools: ToolDefinition[];
  /** content hashes of the lists: clients are told of a change when one differs. `resources` covers the templates too */
  listHashes: { tools: string; prompts: string; resources: string };
  /** by advertised name; denied tools included */
  tools: ReadonlyMap<string, CompiledTool>;
  /** by advertised name */
  prompts: ReadonlyMap<string, CompiledEntry<'prompt'>>;
  /** by address */
  resources: ReadonlyMap<string, CompiledEntry<'resource'>>;
  /** asked in this order for an address that is no resource of its own */
  templates: readonly CompiledTemplate[];
  /** servers that do not have something of it as it was published */
  heldServerIds: ReadonlySet<string>;
}

/** Arranges one profile, whose entries have the pins of their definitions. What contradicts itself is added to `problems`. */
export function compileProfile(
  profile: SnapshotProfile,
  serversById: ReadonlyMap<string, SnapshotServer>,
  problems: string[],
  heldServerIds: ReadonlySet<string> = new Set(),
): CompiledProfile {
  const note = (problem: string): void => void problems.push(`profile ${profile.slug}: ${problem}`);
  const { tools, prompts, resources, templates } = arrange(profile, serversById, note);
  for (const kind of ['tool', 'prompt'] as const) {
    for (const name of findCollidingNames(profile, kind, serversById)) note(`two ${kind}s are called ${name}`);
  }
  const lists = buildAdvertisedLists(profile.entries, (tool) => tools.get(tool.advertisedName)?.listed ?? null);
  return {
    profile,
    instructions: buildInstructions(profile, (serverId) => serversById.get(serverId)?.name ?? ''),
    lists,
    olderTools: lists.tools.map(makeReadableForOlder),
    listHashes: {
      tools: hashContent(lists.tools),
      prompts: hashContent(lists.prompts),
      resources: hashContent([lists.resources, lists.resourceTemplates]),
    },
    tools,
    prompts,
    resources,
    templates: [...templates.values()].toSorted((a, b) => (a.entry.name < b.entry.name ? -1 : 1)),
    heldServerIds,
  };
}

/** Each entry where calls look for it; templates by the shape of the addresses that they describe. */
function arrange(
  { entries, ...choices }: SnapshotProfile,
  serversById: ReadonlyMap<string, SnapshotServer>,
  note: (problem: string) => void,
) {
  const settings = getArgumentSettings(choices);
  const tools = new Map<string, CompiledTool>();
  const prompts = new Map<string, CompiledEntry<'prompt'>>();
  const resources = new Map<string, CompiledEntry<'resource'>>();
  const templates = new Map<string, CompiledTemplate>();
  const instructed = new Set<string>();
  for (const entry of entries) {
    const server = resolveServer(entry, serversById, note);
    if (!server) continue;
    switch (entry.kind) {
      case 'tool': {
        const tool = compileTool(entry, server, settings);
        if (tool) tools.set(entry.advertisedName, tool);
        break;
      }
      case 'prompt':
        prompts.set(entry.advertisedName, { entry, server });
        break;
      case 'resource':
        if (resources.has(entry.name)) note(`two resources have the address ${entry.name}`);
        resources.set(entry.name, { entry, server });
        break;
      case 'template': {
        const matcher = compileUriMatcher(entry.name);
        if (!matcher) note(`the template ${entry.name} cannot be read`);
        else if (templates.has(matcher.shape)) note(`two templates describe the addresses ${entry.name}`);
        else templates.set(matcher.shape, { entry, server, matches: matcher.matches });
        break;
      }
      case 'instructions':
        if (instructed.has(server.id)) note(`server ${server.slug} has two texts of instructions`);
        instructed.add(server.id);
    }
  }
  return { tools, prompts, resources, templates };
}

function resolveServer(
  entry: SnapshotEntry,
  serversById: ReadonlyMap<string, SnapshotServer>,
  note: (problem: string) => void,
): SnapshotServer | undefined {
  const server = serversById.get(entry.serverId);
  if (!server) note(`${entry.kind} ${getAdvertisedName(entry)} names a server that is not there`);
  return server;
}

function findCollidingNames(
  { entries }: SnapshotProfile,
  kind: 'tool' | 'prompt',
  serversById: ReadonlyMap<string, SnapshotServer>,
): string[] {
  const claims = entries
    .filter((entry) => isOfKind(entry, kind))
    .map((entry) => ({ ...entry, serverSlug: serversById.get(entry.serverId)?.slug ?? '?' }));
  return findCollisions(claims).map(({ name }) => name);
}

/** Null when the rules cannot be applied to the schema: such a tool is neither listed nor callable. */
function compileTool(entry: SnapshotEntryOf<'tool'>, server: SnapshotServer, settings: ArgumentSettings): CompiledTool | null {
  const listed = toServableTool(entry);
  if (!listed) return null;
  const definition = restoreDigits(entry.definition);
  let check: CallCheck | undefined;
  return {
    entry,
    server,
    listed,
    getInputCheck: () =>
      (check ??= compileCallCheck(definition.inputSchema, entry.arguments, {
        operation: findRestOperation(definition),
        settings,
      })),
  };
}
