import * as z from 'zod';

import {
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  Risk,
  Slug,
  ToolDefinition,
  ToolName,
} from './definition.ts';

/** JSON Pointer (RFC 6901) to a field of the arguments or of the structured result; '*' stands for every array item. */
export const FieldPointer = z.string().regex(/^(?:\/[^/]{1,128}){1,16}$/, 'Not a JSON Pointer');

/** What a call of a selected tool meets before it is sent on. `deny`: selected but switched off (not listed, a call says why). */
export const ToolRule = z.enum(['allow', 'deny']);
export type ToolRule = z.infer<typeof ToolRule>;

/** JSON Pointer to one declared argument, nested ones included. */
export const ArgumentPointer = z.string().regex(/^(?:\/[^/*]{1,128}){1,16}$/, 'Not a pointer to an argument');

const Scalar = z.union([z.string().max(4_000), z.number(), z.boolean(), z.null()]);

/**
 * What a profile changes about one argument of a tool. `hide`: not shown, refused when sent. `pin`: hidden, and the agent adds `value`.
 * `restrict`: only these values are shown and accepted.
 */
export const ArgumentRule = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hide'), argument: ArgumentPointer }),
  z.object({ kind: z.literal('pin'), argument: ArgumentPointer, value: z.json() }),
  z.object({ kind: z.literal('restrict'), argument: ArgumentPointer, values: z.array(Scalar).min(1).max(100) }),
]);
export type ArgumentRule = z.infer<typeof ArgumentRule>;

const ArgumentRules = z.array(ArgumentRule).max(64).default([]);

/** One selected tool in the builder. */
export const DraftTool = z.object({
  serverId: z.uuid(),
  toolName: z.string().min(1).max(128),
  /** name shown to AI clients; null: the server's own name */
  rename: ToolName.nullable().default(null),
  /** description shown to AI clients; null: the server's own */
  describe: z.string().max(4_000).nullable().default(null),
  rule: ToolRule.default('allow'),
  /** shown to the caller of a denied tool: what to do instead */
  denyReason: z.string().max(500).nullable().default(null),
  arguments: ArgumentRules,
});
export type DraftTool = z.infer<typeof DraftTool>;

/** One selected prompt. */
export const DraftPrompt = z.object({
  serverId: z.uuid(),
  promptName: z.string().min(1).max(128),
  /** name shown to AI clients; null: the server's own name */
  rename: ToolName.nullable().default(null),
});
export type DraftPrompt = z.infer<typeof DraftPrompt>;

/** One selected resource. Its address is its identity, so it is never renamed. */
export const DraftResource = z.object({ serverId: z.uuid(), uri: z.string().min(1).max(2_048) });
export type DraftResource = z.infer<typeof DraftResource>;

/** One selected resource template: every address that it describes may be read. */
export const DraftResourceTemplate = z.object({ serverId: z.uuid(), uriTemplate: z.string().min(1).max(2_048) });
export type DraftResourceTemplate = z.infer<typeof DraftResourceTemplate>;

/** The editable content of a profile. */
export const ProfileDraft = z.object({
  tools: z.array(DraftTool).max(1_000).default([]),
  prompts: z.array(DraftPrompt).max(1_000).default([]),
  resources: z.array(DraftResource).max(1_000).default([]),
  resourceTemplates: z.array(DraftResourceTemplate).max(200).default([]),
  /** `best_effort`: calls of read tools do not wait for a durable intent; a loss is counted and shown */
  audit: z.enum(['durable', 'best_effort']).default('durable'),
});
export type ProfileDraft = z.infer<typeof ProfileDraft>;

/** One tool of a published version: the draft's choices joined with what was approved at publish time. */
export const PublishedTool = z.object({
  serverId: z.uuid(),
  toolName: z.string().min(1).max(128),
  pin: z.string().length(64),
  advertisedName: ToolName,
  describe: z.string().max(4_000).nullable(),
  rule: ToolRule,
  denyReason: z.string().max(500).nullable(),
  arguments: ArgumentRules,
});
export type PublishedTool = z.infer<typeof PublishedTool>;

const Pin = z.string().length(64);

export const PublishedPrompt = z.object({
  serverId: z.uuid(),
  promptName: z.string().min(1).max(128),
  pin: Pin,
  advertisedName: ToolName,
});
export type PublishedPrompt = z.infer<typeof PublishedPrompt>;

export const PublishedResource = DraftResource.extend({ pin: Pin });
export type PublishedResource = z.infer<typeof PublishedResource>;

export const PublishedResourceTemplate = DraftResourceTemplate.extend({ pin: Pin });
export type PublishedResourceTemplate = z.infer<typeof PublishedResourceTemplate>;

/** Content of an immutable profile version. */
export const PublishedProfile = z.object({
  name: z.string().min(1).max(80),
  description: z.string().max(2_000),
  audit: z.enum(['durable', 'best_effort']),
  tools: z.array(PublishedTool).max(1_000),
  prompts: z.array(PublishedPrompt).max(1_000).default([]),
  resources: z.array(PublishedResource).max(1_000).default([]),
  resourceTemplates: z.array(PublishedResourceTemplate).max(200).default([]),
});
export type PublishedProfile = z.infer<typeof PublishedProfile>;

/** A tool inside a snapshot: published, its pin approved at this moment, complete enough to serve and to decide without asking anybody. */
export const CatalogueTool = z.object({
  serverId: z.uuid(),
  toolName: z.string().min(1).max(128),
  pin: z.string().length(64),
  advertisedName: ToolName,
  describe: z.string().max(4_000).nullable(),
  rule: ToolRule,
  denyReason: z.string().max(500).nullable(),
  risk: Risk,
  logArguments: z.array(FieldPointer).max(64),
  logResults: z.array(FieldPointer).max(64),
  arguments: ArgumentRules,
  definition: ToolDefinition,
});
export type CatalogueTool = z.infer<typeof CatalogueTool>;

/** A prompt inside a snapshot. */
export const CataloguePrompt = PublishedPrompt.extend({ definition: PromptDefinition });
export type CataloguePrompt = z.infer<typeof CataloguePrompt>;

/** A resource inside a snapshot. */
export const CatalogueResource = PublishedResource.extend({ definition: ResourceDefinition });
export type CatalogueResource = z.infer<typeof CatalogueResource>;

/** A resource template inside a snapshot. */
export const CatalogueResourceTemplate = PublishedResourceTemplate.extend({ definition: ResourceTemplateDefinition });
export type CatalogueResourceTemplate = z.infer<typeof CatalogueResourceTemplate>;

export const SnapshotProfile = z.object({
  id: z.uuid(),
  slug: Slug,
  name: z.string().min(1).max(80),
  description: z.string().max(2_000),
  version: z.int().positive(),
  audit: z.enum(['durable', 'best_effort']),
  tools: z.array(CatalogueTool).max(1_000),
  prompts: z.array(CataloguePrompt).max(1_000).default([]),
  resources: z.array(CatalogueResource).max(1_000).default([]),
  resourceTemplates: z.array(CatalogueResourceTemplate).max(200).default([]),
});
export type SnapshotProfile = z.infer<typeof SnapshotProfile>;
