import * as z from 'zod';

/** A tool name as the MCP specification asks for it (SHOULD). What clients are shown is held to it; a server may call its tools anything. */
export const ToolName = z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/, 'A tool name is 1 to 128 characters of A-Z a-z 0-9 _ - .');

/** What a server calls a tool or prompt: any text of the length that the MCP specification gives. */
const OwnName = z.string().min(1).max(128);

/** A profile or server slug: part of URLs, log lines and advertised names. */
export const Slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'Use 1 to 40 lower-case letters, digits and inner hyphens');

/** Name of an agent: what a host name may have between two dots. */
export const AgentName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'Use lower-case letters, digits and inner hyphens');

/** Risk of a tool, as a reviewer set it. A missing annotation is shown as destructive (assumed). */
export const Risk = z.enum(['read', 'write', 'destructive', 'open_world']);
export type Risk = z.infer<typeof Risk>;

/**
 * One tool exactly as its server defines it. Keys that Gatehouse does not know are kept, because the pin covers the whole definition
 * and clients must get what the server said.
 */
export const ToolDefinition = z.looseObject({
  name: OwnName,
  title: z.string().max(2_000).optional(),
  description: z.string().max(20_000).optional(),
  inputSchema: z.looseObject({ type: z.literal('object') }),
  outputSchema: z.looseObject({}).optional(),
  annotations: z
    .looseObject({
      title: z.string().optional(),
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .optional(),
});
export type ToolDefinition = z.infer<typeof ToolDefinition>;

/** One prompt exactly as its server defines it. */
export const PromptDefinition = z.looseObject({
  name: OwnName,
  title: z.string().max(2_000).optional(),
  description: z.string().max(20_000).optional(),
  arguments: z
    .array(
      z.looseObject({
        name: z.string().min(1).max(128),
        description: z.string().max(4_000).optional(),
        required: z.boolean().optional(),
      }),
    )
    .max(64)
    .optional(),
});
export type PromptDefinition = z.infer<typeof PromptDefinition>;

/** One resource exactly as its server lists it. */
export const ResourceDefinition = z.looseObject({
  uri: z.string().min(1).max(2_048),
  name: z.string().max(512),
  title: z.string().max(2_000).optional(),
  description: z.string().max(20_000).optional(),
  mimeType: z.string().max(256).optional(),
});
export type ResourceDefinition = z.infer<typeof ResourceDefinition>;

/** One resource template (RFC 6570) exactly as its server lists it. */
export const ResourceTemplateDefinition = z.looseObject({
  uriTemplate: z.string().min(1).max(2_048),
  name: z.string().max(512),
  title: z.string().max(2_000).optional(),
  description: z.string().max(20_000).optional(),
  mimeType: z.string().max(256).optional(),
});
export type ResourceTemplateDefinition = z.infer<typeof ResourceTemplateDefinition>;

/** The text that a server gives to every client in its answer to `initialize` or `server/discover`. */
export const InstructionsDefinition = z.object({ text: z.string().min(1).max(20_000) });
export type InstructionsDefinition = z.infer<typeof InstructionsDefinition>;
