import { createReferenceResolver, REFERENCES } from '../curation/schema-reference.ts';
import { isJsonObject, walkObjects, type JsonObject } from '../documents/json.ts';

/**
 * The most parts that a schema may have. Compiling takes time for each of them, more than in proportion where they stand beside each other:
 * about a tenth of a second for this many, and several seconds for as many as 64 kB can hold.
 */
export const MAX_SCHEMA_PARTS = 1_000;

/** How many sub-schemas, and entries of maps that are compiled like one, a schema has; somewhat more than that, never less. */
export function countSchemaParts(schema: JsonObject): number {
  let parts = 0;
  for (const node of walkObjects(schema)) {
    parts +=
      1 +
      countKeys(node['dependentRequired']) +
      countKeys(node['dependencies']) +
      PATTERN_PARTS * countKeys(node['patternProperties']);
  }
  return parts;
}

/**
 * The largest number of sub-schemas of `schema` that look at one and the same value, `$ref` followed. Infinity for a loop of references
 * that never descends into the value. A few hundred bytes of nested `$ref` can otherwise cost more than any call may.
 */
export function computeSchemaCost(schema: JsonObject): number {
  const nodes = [...walkObjects(schema)];
  const resolve = createReferenceResolver(schema);
  const known = new Map<JsonObject, number>();

  function computeCost(node: unknown): number {
    if (!isJsonObject(node)) return 1;
    const before = known.get(node);
    if (before !== undefined) return before;
    known.set(node, Number.POSITIVE_INFINITY);
    const total = listInPlaceSchemas(node).reduce((sum: number, part) => sum + computeCost(part), 1);
    known.set(node, total);
    return total;
  }

  function listInPlaceSchemas(node: JsonObject): unknown[] {
    const lists = ['allOf', 'anyOf', 'oneOf'].map((key) => node[key]).filter(isList);
    const maps = ['dependentSchemas', 'dependencies'].map((key) => node[key]).filter(isJsonObject);
    const references = REFERENCES.map((key) => node[key]).filter((text) => typeof text === 'string');
    return [
      ...lists.flat(),
      ...maps.flatMap((map) => Object.values(map)),
      ...['not', 'if', 'then', 'else'].map((key) => node[key]),
      ...references.map(resolve),
    ];
  }

  return nodes.reduce((largest, node) => Math.max(largest, computeCost(node)), 1);
}

/** An entry of `patternProperties` compiles a pattern and a loop. */
const PATTERN_PARTS = 4;

function countKeys(value: unknown): number {
  return isJsonObject(value) ? Object.keys(value).length : 0;
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

/** What may ask one sub-schema several times in one check: of every member of a value, or by a reference. */
const REPEATING = [
  ...REFERENCES,
  'items',
  'additionalItems',
  'unevaluatedItems',
  'contains',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
];

/** False when each sub-schema is asked once at most in a check, whatever the value: then it takes no more steps than the schema has parts. */
export function mayRepeat(schema: JsonObject): boolean {
  for (const node of walkObjects(schema)) {
    // true and false ask nothing
    if (REPEATING.some((key) => Object.hasOwn(node, key) && typeof node[key] !== 'boolean')) return true;
  }
  return false;
}
