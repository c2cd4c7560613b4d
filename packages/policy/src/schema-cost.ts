import { isJsonObject, objectsOf, type JsonObject } from './json.ts';

/**
 * The largest number of sub-schemas of `schema` that look at one and the same value, `$ref` followed. Infinity for a loop of references
 * that never descends into the value. A few hundred bytes of nested `$ref` can otherwise cost more than any call may.
 */
export function schemaCost(schema: JsonObject): number {
  const nodes = [...objectsOf(schema)];
  const anchors = new Map(nodes.flatMap((node) => anchorsOf(node).map((name) => [name, node])));
  const known = new Map<JsonObject, number>();

  function cost(node: unknown): number {
    if (!isJsonObject(node)) return 1;
    const before = known.get(node);
    if (before !== undefined) return before;
    known.set(node, Number.POSITIVE_INFINITY);
    const total = inPlaceSchemas(node).reduce((sum: number, part) => sum + cost(part), 1);
    known.set(node, total);
    return total;
  }

  function inPlaceSchemas(node: JsonObject): unknown[] {
    const lists = ['allOf', 'anyOf', 'oneOf'].map((key) => node[key]).filter(isList);
    const maps = ['dependentSchemas', 'dependencies'].map((key) => node[key]).filter(isJsonObject);
    const references = ['$ref', '$dynamicRef', '$recursiveRef']
      .map((key) => node[key])
      .filter((text) => typeof text === 'string');
    return [
      ...lists.flat(),
      ...maps.flatMap((map) => Object.values(map)),
      ...['not', 'if', 'then', 'else'].map((key) => node[key]),
      ...references.map(resolve),
    ];
  }

  function resolve(reference: string): unknown {
    const fragment = reference.slice(1);
    if (fragment !== '' && !fragment.startsWith('/')) return anchors.get(fragment);
    return fragment.split('/').slice(1).reduce(step, schema);
  }

  return nodes.reduce((largest, node) => Math.max(largest, cost(node)), 1);
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}

function step(current: unknown, segment: string): unknown {
  if (typeof current !== 'object' || current === null) return undefined;
  const key = percentDecoded(segment).replaceAll('~1', '/').replaceAll('~0', '~');
  return Object.entries(current).find(([name]) => name === key)?.[1];
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function anchorsOf(node: JsonObject): string[] {
  return [node['$anchor'], node['$dynamicAnchor']].filter((name) => typeof name === 'string');
}
