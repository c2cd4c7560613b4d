import { toCanonicalJson } from '../documents/canonical.ts';
import { isJsonObject, type JsonObject } from '../documents/json.ts';
import { LISTS, MAPS, SCHEMAS } from './sub-schemas.ts';

/** Keywords whose list is a set: JSON Schema gives its order no meaning. */
const SETS = new Set(['type', 'required', 'enum']);

/**
 * A schema with its sets in one order, whatever order its server lists them in; the schema itself when they stand in it. Data, as in `default` or in an item of
 * `enum`, stays as it is. Throws TypeError on values that JSON cannot hold. `schema` must be known not to be nested without end.
 */
export function sortSets(schema: JsonObject): JsonObject {
  let sorted: JsonObject | null = null;
  for (const [keyword, value] of Object.entries(schema)) {
    const made = sortIn(schema, keyword, value);
    if (made !== value) sorted = { ...(sorted ?? schema), [keyword]: made };
  }
  return sorted ?? schema;
}

function sortIn(node: JsonObject, keyword: string, value: unknown): unknown {
  if (SETS.has(keyword)) return Array.isArray(value) && !(keyword === 'enum' && isNamed(node, value)) ? sortSet(value) : value;
  if (LISTS.has(keyword) && Array.isArray(value)) return sortEach(value);
  if (SCHEMAS.has(keyword)) return sortSchema(value);
  return MAPS.has(keyword) && isJsonObject(value) ? sortMembers(value) : value;
}

function sortSchema(value: unknown): unknown {
  return isJsonObject(value) ? sortSets(value) : value;
}

function sortEach(schemas: readonly unknown[]): readonly unknown[] {
  const sorted = schemas.map(sortSchema);
  return sorted.some((schema, index) => schema !== schemas[index]) ? sorted : schemas;
}

function sortMembers(schemas: JsonObject): JsonObject {
  const sorted = Object.entries(schemas).map(([name, schema]) => [name, sortSchema(schema)] as const);
  return sorted.some(([name, schema]) => schema !== schemas[name]) ? Object.fromEntries(sorted) : schemas;
}

/** Another list beside that may say something of each value by its position, as `enumNames` does. */
function isNamed(node: JsonObject, values: readonly unknown[]): boolean {
  return Object.entries(node).some(
    ([keyword, list]) => !SETS.has(keyword) && keyword !== 'examples' && Array.isArray(list) && list.length === values.length,
  );
}

function sortSet(values: readonly unknown[]): readonly unknown[] {
  if (values.length < 2) return values;
  const keys = values.map(toCanonicalJson);
  if (keys.every((key, index) => index === 0 || (keys[index - 1] ?? '') <= key)) return values;
  const order = Array.from(keys, (key, index) => ({ key, value: values[index] }));
  return order.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))).map(({ value }) => value);
}
