import { z } from 'zod';

import { Risk, Slug, ToolDefinition, ToolName } from './tool-definition.ts';

/** JSON Pointer (RFC 6901) to a field of the arguments or of the structured result; '*' stands for every array item. */
export const FieldPointer = z.string().regex(/^(?:\/[^/]{1,128}){1,16}$/, 'Not a JSON Pointer');

/** What a call of a selected tool meets before it is sent on. `deny`: selected but switched off (not listed, a call says why). */
export const ToolRule = z.enum(['allow', 'deny']);
export type ToolRule = z.infer<typeof ToolRule>;

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
});
export type DraftTool = z.infer<typeof DraftTool>;

/** The editable content of a profile. */
export const ProfileDraft = z.object({
  tools: z.array(DraftTool).max(1_000).default([]),
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
});
export type PublishedTool = z.infer<typeof PublishedTool>;

/** Content of an immutable profile version. */
export const PublishedProfile = z.object({
  name: z.string().min(1).max(80),
  description: z.string().max(2_000),
  audit: z.enum(['durable', 'best_effort']),
  tools: z.array(PublishedTool).max(1_000),
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
  definition: ToolDefinition,
});
export type CatalogueTool = z.infer<typeof CatalogueTool>;

export const SnapshotProfile = z.object({
  id: z.uuid(),
  slug: Slug,
  name: z.string().min(1).max(80),
  description: z.string().max(2_000),
  version: z.int().positive(),
  audit: z.enum(['durable', 'best_effort']),
  tools: z.array(CatalogueTool).max(1_000),
});
export type SnapshotProfile = z.infer<typeof SnapshotProfile>;
