import { toCanonicalJson } from '../documents/canonical.ts';
import { isJsonObject, type JsonObject } from '../documents/json.ts';

/**
 * One difference between two schemas, at one field. `before` and `after` are what stood and stands there as a person reads it, null where nothing
 * did: of an added field `after` is its type, of a removed one `before` is.
 */
export interface SchemaChange {
  /** "address.city", "tags[].name", "$defs.Money.unit"; empty: the whole */
  field: string;
  change: 'added' | 'removed' | 'changed';
  /** of a changed field what of it: "type", "allowed values", "minimum" */
  what: string | null;
  before: string | null;
  after: string | null;
}

/** Below this what differs is told as a whole. */
const MAX_DEPTH = 24;

const WORDS: ReadonlyMap<string, string> = new Map([
  ['enum', 'allowed values'],
  ['const', 'fixed value'],
  ['additionalProperties', 'further fields'],
  ['unevaluatedProperties', 'further fields beside these'],
  ['minLength', 'least characters'],
  ['maxLength', 'most characters'],
  ['minItems', 'least items'],
  ['maxItems', 'most items'],
  ['minProperties', 'least fields'],
  ['maxProperties', 'most fields'],
  ['uniqueItems', 'no item twice'],
  ['multipleOf', 'multiple of'],
  ['exclusiveMinimum', 'more than'],
  ['exclusiveMaximum', 'less than'],
  ['$ref', 'is described at'],
]);

/** Keywords whose members are schemas by name, and how these are called. */
const MAPS: readonly { keyword: string; prefix: string }[] = [
  { keyword: 'properties', prefix: '' },
  { keyword: 'patternProperties', prefix: 'names like ' },
  { keyword: '$defs', prefix: '$defs.' },
  { keyword: 'definitions', prefix: '$defs.' },
];
/** Keywords that hold a schema, or several. */
const PARTS = ['items', 'prefixItems', 'anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'];
const APART = new Set([...MAPS.map(({ keyword }) => keyword), ...PARTS, 'required']);

/** Every difference between two JSON Schemas, field by field, in the order of the later one. An absent schema has no fields. The order of keys counts for nothing. */
export function listSchemaChanges(before: unknown, after: unknown): SchemaChange[] {
  return compare(before ?? {}, after ?? {}, '', MAX_DEPTH);
}

function compare(before: unknown, after: unknown, field: string, depth: number): SchemaChange[] {
  if (isSame(before, after)) return [];
  if (depth === 0 || !isJsonObject(before) || !isJsonObject(after)) return [tellChanged(field, 'schema', before, after)];
  return [
    ...compareKeywords(before, after, field),
    ...MAPS.flatMap((map) => compareMap(before, after, { ...map, field, depth })),
    ...PARTS.flatMap((keyword) => compareParts(before[keyword], after[keyword], { keyword, field, depth })),
  ];
}

function compareKeywords(before: JsonObject, after: JsonObject, field: string): SchemaChange[] {
  const keywords = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...keywords]
    .filter((keyword) => !APART.has(keyword) && !isSame(before[keyword], after[keyword]))
    .map((keyword) => tellChanged(field, WORDS.get(keyword) ?? keyword, before[keyword], after[keyword]));
}

interface MapAt {
  keyword: string;
  prefix: string;
  field: string;
  depth: number;
}

function compareMap(before: JsonObject, after: JsonObject, { keyword, prefix, field, depth }: MapAt): SchemaChange[] {
  const [was, is] = [readMap(before, keyword), readMap(after, keyword)];
  const [wasRequired, isRequired] = [readRequired(before), readRequired(after)];
  const isField = keyword === 'properties';
  const names = [...new Set([...Object.keys(is), ...Object.keys(was), ...(isField ? [...isRequired, ...wasRequired] : [])])];
  return names.flatMap((name): SchemaChange[] => {
    const at = joinField(field, prefix, name);
    const tell = (schema: unknown, required: ReadonlySet<string>) =>
      `${describeType(schema)}${isField && required.has(name) ? ', required' : ''}`;
    const [had, has] = [Object.hasOwn(was, name), Object.hasOwn(is, name)];
    if (!had && has) return [{ field: at, change: 'added', what: null, before: null, after: tell(is[name], isRequired) }];
    if (had && !has) return [{ field: at, change: 'removed', what: null, before: tell(was[name], wasRequired), after: null }];
    const own = had ? compare(was[name], is[name], at, depth - 1) : [];
    if (!isField || wasRequired.has(name) === isRequired.has(name)) return own;
    const [first, then] = isRequired.has(name) ? ['optional', 'required'] : ['required', 'optional'];
    return [{ field: at, change: 'changed', what: 'required', before: first, after: then }, ...own];
  });
}

interface PartsAt {
  keyword: string;
  field: string;
  depth: number;
}

function compareParts(before: unknown, after: unknown, { keyword, field, depth }: PartsAt): SchemaChange[] {
  if (isSame(before, after)) return [];
  const name = (index: number | null) =>
    keyword === 'items' ? `${field}[]` : `${field} (${keyword}${index === null ? '' : ` ${index + 1}`})`.trim();
  if (isJsonObject(before) && isJsonObject(after)) return compare(before, after, name(null), depth - 1);
  if (!Array.isArray(before) || !Array.isArray(after)) return [tellChanged(field, WORDS.get(keyword) ?? keyword, before, after)];
  const [was, is]: [unknown[], unknown[]] = [before, after];
  return Array.from({ length: Math.max(was.length, is.length) }).flatMap((_, index): SchemaChange[] => {
    const [one, other] = [was[index], is[index]];
    if (index >= was.length)
      return [{ field: name(index), change: 'added', what: null, before: null, after: describeType(other) }];
    if (index >= is.length)
      return [{ field: name(index), change: 'removed', what: null, before: describeType(one), after: null }];
    return compare(one, other, name(index), depth - 1);
  });
}

function tellChanged(field: string, what: string, before: unknown, after: unknown): SchemaChange {
  return { field, change: 'changed', what, before: describeValue(before), after: describeValue(after) };
}

/** As it is written there; a list by its members. Null: nothing is. */
function describeValue(value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((item) => JSON.stringify(item)).join(', ');
  return JSON.stringify(value);
}

function describeType(schema: unknown): string {
  if (!isJsonObject(schema)) return describeValue(schema) ?? 'anything';
  const { type, items } = schema;
  if (Array.isArray(schema['enum'])) return `one of ${describeValue(schema['enum'])}`;
  if (type === 'array') return isJsonObject(items) ? `list of ${describeType(items)}` : 'list';
  if (Array.isArray(type)) return type.join(' or ');
  if (typeof type === 'string') return type;
  return typeof schema['$ref'] === 'string' ? schema['$ref'] : 'anything';
}

function joinField(field: string, prefix: string, name: string): string {
  const own = `${prefix}${/^[\w$-]+$/.test(name) ? name : JSON.stringify(name)}`;
  return field === '' ? own : `${field}.${own}`;
}

function readMap(schema: JsonObject, keyword: string): JsonObject {
  const map = schema[keyword];
  return isJsonObject(map) ? map : {};
}

function readRequired(schema: JsonObject): ReadonlySet<string> {
  const required = schema['required'];
  return new Set(Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []);
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other;
  return toCanonicalJson(one) === toCanonicalJson(other);
}
