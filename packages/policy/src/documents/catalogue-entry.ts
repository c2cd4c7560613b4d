import * as z from 'zod';

import {
  InstructionsDefinition,
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from './definition.ts';
import { isJsonObject } from './json.ts';
import { Sha256 } from './sha256.ts';

/** What a server offers is made of these. `template`: a resource template. `instructions`: what the server tells every model, at most one. */
export const EntryKind = z.enum(['tool', 'prompt', 'resource', 'template', 'instructions']);
export type EntryKind = z.infer<typeof EntryKind>;
/** Most entries of each kind that a server may offer. */
export const ENTRY_LIMITS: Readonly<Record<EntryKind, number>> = {
  tool: 5_000,
  prompt: 1_000,
  resource: 1_000,
  template: 200,
  instructions: 1,
};

/** A server has one text of instructions, so its entry is always called the same. */
export const INSTRUCTIONS_NAME = 'instructions';

/** Longest name of an entry, characters: the address of a resource. */
export const MAX_NAME_LENGTH = 2_048;
export const EntryName = z.string().min(1).max(MAX_NAME_LENGTH);

/**
 * One thing that a server offers, pinned to its exact definition: `pin` is the hash of that. `name` is the server's own name of a tool or prompt, the address of a
 * resource, the address template, or `instructions`: together with `kind` it is unique within the server.
 */
export const CatalogueEntry = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tool'), name: EntryName, pin: Sha256, definition: ToolDefinition }),
  z.object({ kind: z.literal('prompt'), name: EntryName, pin: Sha256, definition: PromptDefinition }),
  z.object({ kind: z.literal('resource'), name: EntryName, pin: Sha256, definition: ResourceDefinition }),
  z.object({ kind: z.literal('template'), name: EntryName, pin: Sha256, definition: ResourceTemplateDefinition }),
  z.object({ kind: z.literal('instructions'), name: EntryName, pin: Sha256, definition: InstructionsDefinition }),
]);
export type CatalogueEntry = z.infer<typeof CatalogueEntry>;
export type EntryOf<Kind extends EntryKind> = Extract<CatalogueEntry, { kind: Kind }>;
export type EntryDefinition = CatalogueEntry['definition'];

/** Narrows an entry, in whatever form, to one kind. */
export function isOfKind<Entry extends { kind: EntryKind }, Kind extends EntryKind>(
  entry: Entry,
  kind: Kind,
): entry is Extract<Entry, { kind: Kind }> {
  return entry.kind === kind;
}

/** Names an entry within its server, whatever its definition. */
export interface EntryRef {
  kind: EntryKind;
  name: string;
}

/** Key of an entry within its server. */
export function toEntryKey({ kind, name }: EntryRef): string {
  return `${kind} ${name}`;
}

/** Names an entry among those of all servers. */
export interface ServerEntryRef extends EntryRef {
  serverId: string;
}

/** Key of an entry among those of all servers. */
export function toServerEntryKey(entry: ServerEntryRef): string {
  return `${entry.serverId} ${toEntryKey(entry)}`;
}

/** Where the name of an entry stands in its definition. */
const NAME_KEY = { tool: 'name', prompt: 'name', resource: 'uri', template: 'uriTemplate', instructions: null } as const;

/** Where that is, as a JSON Pointer; null for what has no name of its own. */
export function getNamePointer(kind: EntryKind): string | null {
  const key = NAME_KEY[kind];
  return key === null ? null : `/${key}`;
}

/** The name that an entry has by its definition, which may be unsound: `(no name)` when there is none. */
export function readEntryName(kind: EntryKind, definition: unknown): string {
  const key = NAME_KEY[kind];
  if (key === null) return INSTRUCTIONS_NAME;
  const name = isJsonObject(definition) ? definition[key] : undefined;
  return typeof name === 'string' && name !== '' ? name : '(no name)';
}
