import type { ToolDefinition } from '../documents/definition.ts';
import { isJsonObject, walkObjects, type JsonObject } from '../documents/json.ts';
import { listAnchors, createReferenceResolver, REFERENCES } from './schema-reference.ts';

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
  const used = new Set<string>();
  const waiting: unknown[] = [rest];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (const name of [...walkObjects(node)].flatMap((part) => findReferredDefinitions(part, key, all))) {
      if (used.has(name)) continue;
      used.add(name);
      waiting.push(all[name]);
    }
  }
  return used;
}

function findReferredDefinitions(node: JsonObject, key: string, all: JsonObject): string[] {
  return REFERENCES.flatMap((keyword) => {
    const reference = node[keyword];
    if (typeof reference !== 'string') return [];
    const pointer = `#/${key}/`;
    if (reference.startsWith(pointer)) {
      const target = createReferenceResolver({ [key]: all });
      const wanted = target(`${pointer}${reference.slice(pointer.length).split('/')[0] ?? ''}`);
      return Object.keys(all).filter((name) => all[name] === wanted);
    }
    if (reference.startsWith('#/') || reference === '#') return [];
    return Object.keys(all).filter((name) =>
      [...walkObjects(all[name])].some((part) => listAnchors(part).includes(reference.slice(1))),
    );
  });
}
