import { isExactNumber } from '@gatehouse/policy/documents/exact-number';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

/** Keywords that are copied as they are. Everything that is not named in this file is left out. */
const PLAIN = new Set([
  'type',
  'title',
  'description',
  'enum',
  'const',
  'default',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'required',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minContains',
  'maxContains',
  'minProperties',
  'maxProperties',
  'dependentRequired',
  'deprecated',
  'contentEncoding',
  'contentMediaType',
]);

/** Keywords whose value is one schema, a list of them, or a map of them. */
export const SCHEMA_KEYWORDS: ReadonlyMap<string, 'one' | 'list' | 'map'> = new Map([
  ['items', 'one'],
  ['additionalProperties', 'one'],
  ['unevaluatedProperties', 'one'],
  ['unevaluatedItems', 'one'],
  ['contains', 'one'],
  ['propertyNames', 'one'],
  ['not', 'one'],
  ['if', 'one'],
  ['then', 'one'],
  ['else', 'one'],
  ['allOf', 'list'],
  ['anyOf', 'list'],
  ['oneOf', 'list'],
  ['prefixItems', 'list'],
  ['properties', 'map'],
  ['patternProperties', 'map'],
  ['dependentSchemas', 'map'],
]);

/**
 * Keywords that only refuse values. The schema of a result keeps none of them, because clients check results against it: an API that strays
 * from its own description must stay usable.
 */
const NARROWING = new Set([
  'enum',
  'const',
  'required',
  'dependentRequired',
  'minContains',
  'maxContains',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'contentEncoding',
  'contentMediaType',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
]);

/** Whether a keyword stays in a schema for this direction. */
export function isKept(key: string, side: PlainOptions['side']): boolean {
  return side === 'request' || !NARROWING.has(key);
}

export interface PlainOptions {
  isOldDialect: boolean;
  side: 'request' | 'response';
  /** longest description kept, in characters; 0: none */
  textLimit: number;
}

/** The keywords of one schema object that hold no other schema, in JSON Schema 2020-12. */
export function copyPlainKeywords(schema: JsonObject, options: PlainOptions): JsonObject {
  const entries = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (!PLAIN.has(key) || !isKept(key, options.side)) return [];
    if (key === 'description' || key === 'title') return shortenEntry(key, value, options.textLimit);
    if (key === 'pattern' && !isPattern(value)) return [];
    if (key === 'default' && options.textLimit === 0) return [];
    return [[key, value]];
  });
  const plain = Object.fromEntries(entries);
  return options.isOldDialect ? upgradeDialect(plain, isNullable(schema)) : plain;
}

function shortenEntry(key: string, value: unknown, limit: number): [string, unknown][] {
  if (typeof value !== 'string' || limit === 0) return [];
  const text = value.trim().toWellFormed();
  return [[key, text.length <= limit ? text : `${text.slice(0, limit).toWellFormed()}…`]];
}

/** Clients compile patterns with the flag `u`; one that does not compile would make the whole tool unusable for them. */
function isPattern(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    return new RegExp(value, 'u').source !== '';
  } catch {
    return false;
  }
}

/** As 3.0 says it, and as descriptions in Swagger 2.0 do. */
export function isNullable(schema: JsonObject): boolean {
  return schema['nullable'] === true || schema['x-nullable'] === true;
}

/** OpenAPI 3.0 to JSON Schema 2020-12: boolean exclusive bounds and `nullable`. */
function upgradeDialect(plain: JsonObject, nullable: boolean): JsonObject {
  const next = { ...plain };
  for (const [exclusive, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof next[exclusive] !== 'boolean') continue;
    if (next[exclusive] && (typeof next[bound] === 'number' || isExactNumber(next[bound]))) {
      next[exclusive] = next[bound];
      delete next[bound];
    } else delete next[exclusive];
  }
  if (!nullable) return next;
  if (typeof next['type'] === 'string') next['type'] = [next['type'], 'null'];
  const values: unknown = next['enum'];
  if (Array.isArray(values) && !values.includes(null)) next['enum'] = [...(values as unknown[]), null];
  return next;
}

/** The sub-schemas of a schema object: every place where another schema stands. */
export function* listSubSchemas(schema: JsonObject): Generator<unknown> {
  for (const [key, kind] of SCHEMA_KEYWORDS) {
    const value = schema[key];
    if (kind === 'one') yield value;
    else if (kind === 'list' && Array.isArray(value)) yield* value as unknown[];
    else if (kind === 'map' && isJsonObject(value)) yield* Object.values(value);
  }
}
