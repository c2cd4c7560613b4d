import { isJsonObject, type JsonObject } from '../documents/json.ts';
import { nameType, TYPES, type SchemaType } from './type-words.ts';

/** Types of values; with `number` stands `integer` as well. */
export type TypeSet = ReadonlySet<SchemaType>;

const ALL: TypeSet = new Set(TYPES);
const NONE: TypeSet = new Set();
const MAX_DEPTH = 64;

/**
 * The types that a sub-schema of a read schema may take, never fewer: what it takes is decided by its check. A loop of references counts as every type.
 */
export function getTakenTypes(node: unknown, resolve: (reference: string) => unknown, depth = 0): TypeSet {
  if (node === false) return NONE;
  if (!isJsonObject(node) || depth > MAX_DEPTH) return ALL;
  const of = (part: unknown): TypeSet => getTakenTypes(part, resolve, depth + 1);
  const sets = [getOwnTypes(node)];
  if (typeof node['$ref'] === 'string') sets.push(of(resolve(node['$ref'])));
  if (Array.isArray(node['allOf'])) sets.push(...node['allOf'].map(of));
  for (const key of ['anyOf', 'oneOf']) {
    const parts = node[key];
    if (Array.isArray(parts)) sets.push(mergeTypes(parts.map(of)));
  }
  return sets.reduce(matchTypes);
}

export function mergeTypes(sets: readonly TypeSet[]): TypeSet {
  return new Set(sets.flatMap((set) => [...set]));
}

function matchTypes(one: TypeSet, other: TypeSet): TypeSet {
  return new Set([...one].filter((type) => other.has(type)));
}

function getOwnTypes(node: JsonObject): TypeSet {
  const words: readonly unknown[] = [node['type'] ?? TYPES].flat();
  const typed = new Set(TYPES.filter((type) => words.includes(type) || (type === 'integer' && words.includes('number'))));
  const values = Object.hasOwn(node, 'const') ? [node['const']] : node['enum'];
  if (!Array.isArray(values)) return typed;
  return matchTypes(typed, new Set(values.map((value) => (Number.isInteger(value) ? 'integer' : nameType(value)))));
}
