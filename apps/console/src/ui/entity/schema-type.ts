import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

/** The types that sub-schemas of one place name. */
export function collectTypes(parts: readonly JsonObject[]): Set<string> {
  return new Set(parts.flatMap((part) => [part['type']].flat().filter((type) => typeof type === 'string')));
}

/** What values sub-schemas of one place take, in words; `items`: the same of what is in a list. */
export function describeType(parts: readonly JsonObject[], items: string | null): string {
  const types = [...collectTypes(parts)].map((type) => (type === 'array' ? `list${items ? ` of ${items}` : ''}` : type));
  if (types.length > 0) return types.join(' or ');
  if (items !== null) return `list of ${items}`;
  if (parts.some((part) => isJsonObject(part['properties']))) return 'object';
  return parts.some((part) => Array.isArray(part['enum']) || Object.hasOwn(part, 'const')) ? 'one of a list' : 'anything';
}
