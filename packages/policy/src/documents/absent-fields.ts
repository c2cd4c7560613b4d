import type { EntryKind } from './catalogue-entry.ts';
import { isJsonObject } from './json.ts';

/**
 * Fields that a type of the protocol leaves optional, so that null there says no more than their absence does. `true`: whatever stands there is
 * passed on as it is; else the optional fields of the object that stands there, or of each object in its list.
 */
export interface OptionalFields {
  readonly [field: string]: true | OptionalFields;
}

/** The value without the nulls that stand in place of absent fields; the value itself when there are none. */
export function dropNulls(value: unknown, fields: OptionalFields): unknown {
  if (Array.isArray(value)) {
    const kept = value.map((item: unknown) => dropNulls(item, fields));
    return kept.every((item, index) => item === value[index]) ? value : kept;
  }
  if (!isJsonObject(value)) return value;
  const changed = new Map<string, unknown>();
  for (const field in fields) {
    if (!Object.hasOwn(value, field)) continue;
    const held = value[field];
    const inner = fields[field];
    const kept = inner === undefined || inner === true ? held : dropNulls(held, inner);
    if (held === null) changed.set(field, undefined);
    else if (kept !== held) changed.set(field, kept);
  }
  if (changed.size === 0) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, held]) => {
      if (!changed.has(key)) return [[key, held]];
      const kept = changed.get(key);
      return kept === undefined ? [] : [[key, kept]];
    }),
  );
}

const ICON: OptionalFields = { mimeType: true, sizes: true, theme: true };
const NAMED: OptionalFields = { title: true, description: true, icons: ICON, _meta: true };
const SCHEMA: OptionalFields = { $schema: true, properties: true, required: true };

/** `annotations` of content and resources. */
export const CONTENT_ANNOTATIONS: OptionalFields = { audience: true, priority: true, lastModified: true };

const ADDRESSED: OptionalFields = { ...NAMED, mimeType: true, size: true, annotations: CONTENT_ANNOTATIONS };

const DEFINITION_FIELDS: Record<EntryKind, OptionalFields> = {
  tool: {
    ...NAMED,
    inputSchema: SCHEMA,
    outputSchema: SCHEMA,
    annotations: { title: true, readOnlyHint: true, destructiveHint: true, idempotentHint: true, openWorldHint: true },
    execution: { taskSupport: true },
  },
  prompt: { ...NAMED, arguments: { title: true, description: true, required: true } },
  resource: ADDRESSED,
  template: ADDRESSED,
  instructions: {},
};

/** The optional fields of an item in the content of a tool's result or a prompt's message: of texts, pictures, links and resources. */
export const CONTENT_FIELDS: OptionalFields = { ...ADDRESSED, resource: { mimeType: true, _meta: true } };

/** A definition as its server sent it, without the nulls that say that an optional field is absent. Inside of schemas, null is a value like others. */
export function dropAbsentFields(kind: EntryKind, raw: unknown): unknown {
  return dropNulls(raw, DEFINITION_FIELDS[kind]);
}
