import { isJsonObject, objectsOf, type JsonObject } from '../documents/json.ts';

/** The keywords that refer to another place. */
export const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef'] as const;

/** Looks up local references (`#`, `#/pointer`, `#anchor`) inside one schema; undefined for what is not there. */
export function referenceResolver(schema: JsonObject): (reference: string) => unknown {
  let anchors: Map<string, JsonObject> | undefined;
  return (reference) => {
    if (!reference.startsWith('#')) return undefined;
    const fragment = reference.slice(1);
    if (fragment === '' || fragment.startsWith('/')) return fragment.split('/').slice(1).reduce(step, schema);
    anchors ??= new Map([...objectsOf(schema)].flatMap((node) => anchorsOf(node).map((name) => [name, node])));
    return anchors.get(fragment);
  };
}

/** The names under which a sub-schema can be referred to, beside its place. */
export function anchorsOf(node: JsonObject): string[] {
  return [node['$anchor'], node['$dynamicAnchor']].filter((name) => typeof name === 'string');
}

/** One segment of a JSON Pointer, decoded. */
export function decodeSegment(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}

function step(current: unknown, segment: string): unknown {
  if (typeof current !== 'object' || current === null) return undefined;
  const key = decodeSegment(percentDecoded(segment));
  return Object.entries(current).find(([name]) => name === key)?.[1];
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** True when `value` is an object; narrows for callers that hold `unknown`. */
export function objectAt(value: unknown, key: string): JsonObject | undefined {
  const found = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return isJsonObject(found) ? found : undefined;
}
