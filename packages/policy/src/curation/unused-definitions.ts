import type { ToolDefinition } from '../documents/definition.ts';
import { isJsonObject, walkObjects, type JsonObject } from '../documents/json.ts';
import { decodeReferenceSegment, listAnchors, listReferences } from './schema-reference.ts';

type InputSchema = ToolDefinition['inputSchema'];

/** The schema without shared definitions that nothing in it refers to. */
export function withoutUnusedDefinitions(schema: InputSchema): InputSchema {
  let next = schema;
  for (const key of ['$defs', 'definitions']) {
    const all = next[key];
    if (!isJsonObject(all)) continue;
    const { [key]: _all, ...rest } = next;
    const used = findUsedDefinitions(rest, key, all);
    const kept = Object.entries(all).filter(([name]) => used.has(name));
    if (kept.length === Object.keys(all).length) continue;
    const entries = Object.entries(next).flatMap(([name, value]): [string, unknown][] => {
      if (name !== key) return [[name, value]];
      return kept.length === 0 ? [] : [[key, Object.fromEntries(kept)]];
    });
    next = { ...Object.fromEntries(entries), type: 'object' };
  }
  return next;
}

function findUsedDefinitions(rest: JsonObject, key: string, all: JsonObject): Set<string> {
  const byAnchor = new Map<string, string[]>();
  for (const [name, definition] of Object.entries(all))
    for (const anchor of [...walkObjects(definition)].flatMap(listAnchors))
      byAnchor.set(anchor, [...(byAnchor.get(anchor) ?? []), name]);
  const used = new Set<string>();
  const waiting: unknown[] = [rest];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const references = [...walkObjects(node)].flatMap(listReferences);
    for (const name of references.flatMap(({ reference }) => findReferredDefinitions(reference, key, all, byAnchor))) {
      if (used.has(name)) continue;
      used.add(name);
      waiting.push(all[name]);
    }
  }
  return used;
}

function findReferredDefinitions(
  reference: string,
  key: string,
  all: JsonObject,
  byAnchor: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const pointer = `#/${key}/`;
  if (reference.startsWith(pointer)) {
    const [segment = ''] = reference.slice(pointer.length).split('/', 1);
    const name = decodeReferenceSegment(segment);
    return Object.hasOwn(all, name) ? [name] : [];
  }
  return reference.startsWith('#') ? (byAnchor.get(reference.slice(1)) ?? []) : [];
}
