import { encodeSegment } from '../documents/json-pointer.ts';
import { isJsonObject, type JsonObject } from '../documents/json.ts';

/** Keywords below which there is a schema under each name. */
export const MAPS: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
/** Keywords below which there is a schema. */
export const SCHEMAS: ReadonlySet<string> = new Set(
  'items additionalItems additionalProperties contains not if then else propertyNames unevaluatedItems unevaluatedProperties'.split(
    ' ',
  ),
);
/** Keywords below which there are schemas in a list; of `items`, in earlier drafts. */
export const LISTS: ReadonlySet<string> = new Set(['prefixItems', 'allOf', 'anyOf', 'oneOf', 'items']);
/** Keywords below which there is data, or names: what looks like a schema there is none. */
const DATA: ReadonlySet<string> = new Set([
  'enum',
  'const',
  'default',
  'examples',
  'example',
  'type',
  'required',
  'dependentRequired',
  '$vocabulary',
]);

/**
 * The node with each of its sub-schemas as `change` has it; the node itself when none is changed. `at`: its place below the node, a JSON pointer. What is no
 * keyword (`isKeyword`) counts as one that holds schemas: a reference may lead there.
 */
export function mapSubSchemas(
  node: JsonObject,
  change: (part: JsonObject, at: string, isKeyword: boolean) => JsonObject,
): JsonObject {
  return mapMembers(node, (value, keyword) => {
    if (DATA.has(keyword)) return value;
    const at = `/${encodeSegment(keyword)}`;
    const isMap = MAPS.has(keyword) || keyword === 'dependencies';
    const isKeyword = isMap || SCHEMAS.has(keyword) || LISTS.has(keyword) || keyword === 'contentSchema';
    const visit = (part: unknown, place: string): unknown => (isJsonObject(part) ? change(part, place, isKeyword) : part);
    if (Array.isArray(value)) return mapItems(value, (part, index) => visit(part, `${at}/${index}`));
    if (!isMap || !isJsonObject(value)) return visit(value, at);
    return mapMembers(value, (part, name) => visit(part, `${at}/${encodeSegment(name)}`));
  });
}

function mapMembers(object: JsonObject, change: (value: unknown, key: string) => unknown): JsonObject {
  const entries = Object.entries(object).map(([key, value]) => [key, change(value, key)] as const);
  return entries.every(([key, value]) => value === object[key]) ? object : Object.fromEntries(entries);
}

function mapItems(items: readonly unknown[], change: (item: unknown, index: number) => unknown): readonly unknown[] {
  const changed = items.map(change);
  return changed.every((item, index) => item === items[index]) ? items : changed;
}
