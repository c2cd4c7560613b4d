import { decodeSegment } from '../documents/json-pointer.ts';
import { isJsonObject, walkObjects, type JsonObject } from '../documents/json.ts';

/** The keywords that refer to another place. */
export const REFERENCES = ['$ref', '$dynamicRef', '$recursiveRef'] as const;

/** Looks up local references (`#`, `#/pointer`, `#anchor`) inside one schema; undefined for what is not there. */
export function createReferenceResolver(schema: JsonObject): (reference: string) => unknown {
  let anchors: Map<string, JsonObject> | undefined;
  return (reference) => {
    if (!reference.startsWith('#')) return undefined;
    const fragment = reference.slice(1);
    if (fragment === '' || fragment.startsWith('/')) return fragment.split('/').slice(1).reduce(findChild, schema);
    anchors ??= new Map([...walkObjects(schema)].flatMap((node) => listAnchors(node).map((name) => [name, node])));
    return anchors.get(fragment);
  };
}

/** What a schema refers to, by each of its keywords for that. */
export function listReferences(node: JsonObject): { keyword: (typeof REFERENCES)[number]; reference: string }[] {
  return REFERENCES.flatMap((keyword) => {
    const reference = node[keyword];
    return typeof reference === 'string' ? [{ keyword, reference }] : [];
  });
}

/** The names under which a sub-schema can be referred to, beside its place. */
export function listAnchors(node: JsonObject): string[] {
  return [node['$anchor'], node['$dynamicAnchor']].filter((name) => typeof name === 'string');
}

/** The key that a segment of a `$ref` stands for, where it is percent-encoded besides. What is not a percent-encoding stays as it is. */
export function decodeReferenceSegment(segment: string): string {
  try {
    return decodeSegment(decodeURIComponent(segment));
  } catch {
    return decodeSegment(segment);
  }
}

function findChild(current: unknown, segment: string): unknown {
  return findMember(current, decodeReferenceSegment(segment));
}

/** What an object has under a key of its own, or a list at a position. */
export function findMember(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return /^(?:0|[1-9]\d{0,8})$/.test(key) ? (value[Number(key)] as unknown) : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The object under a key; undefined when `value` is no object, has no such key, or something else stands there. */
export function findObject(value: unknown, key: string): JsonObject | undefined {
  const found = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return isJsonObject(found) ? found : undefined;
}
