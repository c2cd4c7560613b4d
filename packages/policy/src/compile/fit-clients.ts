import * as z from 'zod';

import type { EntryKind } from '../documents/catalogue-entry.ts';
import type { ToolDefinition } from '../documents/definition.ts';
import { isJsonObject, type JsonObject, walkObjects } from '../documents/json.ts';
import { readSchema } from '../schema/read-schema.ts';

/** A part of a definition that clients are not shown, because the types of the protocol do not allow what stands there. */
export interface LeftOutPart {
  /** JSON pointer in the definition: "/annotations/priority" */
  pointer: string;
  /** what is wrong, in words for a reviewer: "it is no number" */
  reason: string;
}

interface Part {
  /** the field, and the field inside of it */
  path: readonly [field: string, inner?: string];
  form: z.ZodType;
  reason: string;
}

const Icon = z.looseObject({
  src: z.string(),
  mimeType: z.string().optional(),
  sizes: z.array(z.string()).optional(),
  theme: z.enum(['light', 'dark']).optional(),
});

const PARTS_OF_ALL: readonly Part[] = [
  { path: ['icons'], form: z.array(Icon), reason: 'it is no list of icons' },
  { path: ['_meta'], form: z.looseObject({}), reason: 'it is no object' },
];
const PARTS_OF_ADDRESSED: readonly Part[] = [
  ...PARTS_OF_ALL,
  { path: ['size'], form: z.number(), reason: 'it is no number' },
  { path: ['annotations'], form: z.looseObject({}), reason: 'it is no object' },
  { path: ['annotations', 'audience'], form: z.array(z.enum(['user', 'assistant'])), reason: 'it is no list of roles' },
  { path: ['annotations', 'priority'], form: z.number().min(0).max(1), reason: 'it is no number from 0 to 1' },
  {
    path: ['annotations', 'lastModified'],
    form: z.iso.datetime({ offset: true }),
    reason: 'it is no date and time with its zone',
  },
];
const PARTS: Record<EntryKind, readonly Part[]> = {
  tool: [
    ...PARTS_OF_ALL,
    {
      path: ['outputSchema'],
      form: z.custom(isCompiledByClients),
      reason: 'it is no schema that client libraries can compile, such as one of an older draft or with words like int for types',
    },
    { path: ['execution'], form: z.looseObject({}), reason: 'it is no object' },
    {
      path: ['execution', 'taskSupport'],
      form: z.enum(['required', 'optional', 'forbidden']),
      reason: 'it is none of required, optional, forbidden',
    },
  ],
  prompt: PARTS_OF_ALL,
  resource: PARTS_OF_ADDRESSED,
  template: PARTS_OF_ADDRESSED,
  instructions: [],
};

/** Libraries compile the output schema of every tool that they list. They know `nullable` beside a type. */
function isCompiledByClients(schema: unknown): boolean {
  if (!isJsonObject(schema)) return true;
  const isNullableAlone = (node: JsonObject): boolean => node['nullable'] === true && node['type'] === undefined;
  return (
    readSchema(schema).slips.every(({ keyword }) => keyword === 'nullable') &&
    !Array.from(walkObjects(schema)).some(isNullableAlone)
  );
}

/**
 * A definition without the parts that clients cannot read: a library that meets one of them throws the whole list away, with the definitions of
 * all other servers. The definition itself when there are none. Only fields that the protocol leaves optional are left out.
 */
export function makeReadable<Definition extends JsonObject>(kind: EntryKind, definition: Definition): Definition {
  const unfit = PARTS[kind].filter((part) => !isFit(definition, part));
  return unfit.reduce((fitting, { path }) => withoutPart(fitting, path), definition);
}

/** What `makeReadable` and `makeReadableForOlder` leave out of a definition, for its reviewers. */
export function listUnfitParts(kind: EntryKind, definition: JsonObject): LeftOutPart[] {
  const unfit = PARTS[kind].filter((part) => !isFit(definition, part));
  const parts = unfit.map(({ path, reason }) => ({ pointer: `/${path.join('/')}`, reason }));
  if (kind !== 'tool' || isFit(definition, OLDER_OUTPUT)) return parts;
  return [...parts, { pointer: '/outputSchema', reason: OLDER_OUTPUT.reason }];
}

const OlderSchema = z.looseObject({
  type: z.literal('object'),
  properties: z.record(z.string(), z.looseObject({})).optional(),
  required: z.array(z.string()).optional(),
});
const OLDER_OUTPUT: Part = {
  path: ['outputSchema'],
  form: OlderSchema,
  reason: 'it describes no object with named properties, which clients before 2026-07-28 do not take',
};

/**
 * A tool as clients of the revisions before 2026-07-28 can read it: without an output schema that describes anything but an object, and with
 * `true` and `false` in place of a property's schema written out, which says the same. The tool itself when nothing is to be changed.
 */
export function makeReadableForOlder(tool: ToolDefinition): ToolDefinition {
  const fitting = isFit(tool, OLDER_OUTPUT) ? tool : withoutPart(tool, OLDER_OUTPUT.path);
  const { properties } = tool.inputSchema;
  if (!isJsonObject(properties) || !Object.values(properties).some((schema) => typeof schema === 'boolean')) return fitting;
  const written = Object.entries(properties).map(([name, schema]) => [name, writeOut(schema)] as const);
  return { ...fitting, inputSchema: { ...tool.inputSchema, properties: Object.fromEntries(written) } };
}

function writeOut(schema: unknown): unknown {
  if (typeof schema !== 'boolean') return schema;
  return schema ? {} : { not: {} };
}

function isFit(definition: JsonObject, { path: [field, inner], form }: Part): boolean {
  const held = definition[field];
  if (inner === undefined) return held === undefined || form.safeParse(held).success;
  return !isJsonObject(held) || held[inner] === undefined || form.safeParse(held[inner]).success;
}

function withoutPart<Definition extends JsonObject>(definition: Definition, [field, inner]: Part['path']): Definition {
  const held = definition[field];
  if (inner !== undefined && isJsonObject(held)) {
    const { [inner]: _left, ...rest } = held;
    return { ...definition, [field]: rest };
  }
  const copy = { ...definition };
  Reflect.deleteProperty(copy, field);
  return copy;
}
