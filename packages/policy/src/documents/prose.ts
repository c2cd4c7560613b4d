import * as z from 'zod';

import { sortSets } from '../schema/schema-sets.ts';
import { LISTS, MAPS, SCHEMAS } from '../schema/sub-schemas.ts';
import type { EntryKind } from './catalogue-entry.ts';
import { decodeSegment, encodeSegment } from './json-pointer.ts';
import { isJsonObject, type JsonObject } from './json.ts';

/**
 * JSON Pointer to a text of a definition that is only read: a title, a description, a comment or examples. No pointer to what bounds an argument or says how
 * grave a tool is passes for one: `findProsePlace` says which do.
 */
const ProsePointer = z.string().startsWith('/').max(2_048);
/** What an approval ignores: a definition that differs from the approved one at these places alone is the same. Clients get the approved texts. */
export const IgnoredPointers = z.array(ProsePointer).max(64);

/** Keywords of a schema that constrain nothing. */
const PROSE = new Set(['title', 'description', '$comment', 'examples']);
const INDEX = /^\d+$/;

/** The place of the text that a pointer into a definition leads to or into: "/inputSchema/properties/id/examples" of "…/examples/0". Null when it leads to something else. */
export function findProsePlace(kind: EntryKind, pointer: string): string | null {
  if (kind === 'instructions') return null;
  const [field, second, third] = readSegments(pointer);
  if (field === 'title' || field === 'description') return `/${field}`;
  if (kind === 'tool' && field === 'annotations') return second === 'title' ? '/annotations/title' : null;
  if (kind === 'tool' && (field === 'inputSchema' || field === 'outputSchema')) return findInSchema(pointer);
  if (kind !== 'prompt' || field !== 'arguments' || !INDEX.test(second ?? '')) return null;
  return third === 'title' || third === 'description' ? `/arguments/${second}/${third}` : null;
}

function findInSchema(pointer: string): string | null {
  const segments = readSegments(pointer);
  let at = 1;
  while (at < segments.length) {
    const [keyword = '', next] = segments.slice(at);
    if (PROSE.has(keyword)) return toPointer(segments.slice(0, at + 1));
    if (next === undefined) return null;
    if (MAPS.has(keyword) || (LISTS.has(keyword) && INDEX.test(next))) at += 2;
    else if (SCHEMAS.has(keyword)) at += 1;
    else return null;
  }
  return null;
}

/**
 * Where two definitions of one entry differ, when that is in texts alone; null when they differ in anything else. What says of the content of a resource as it is just
 * now is not looked at, and neither is the order of sets.
 */
export function listProseChanges(kind: EntryKind, before: JsonObject, after: JsonObject): string[] | null {
  const places = new Set<string>();
  for (const pointer of listDifferences(toCompared(kind, before), toCompared(kind, after), [])) {
    const place = findProsePlace(kind, pointer);
    if (place === null) return null;
    places.add(place);
  }
  return [...places].toSorted();
}

/**
 * What of a definition tells it from another: without what a resource says of its content as it is just now, its size and the time of its last change, and with the sets of a
 * tool's schemas in one order.
 */
export function toCompared(kind: EntryKind, definition: JsonObject): JsonObject {
  if (kind === 'tool') return withSortedSets(definition);
  return hasPassingFields(kind) ? dropPassing(definition) : definition;
}

/** Whether definitions of this kind say something of the moment. */
export function hasPassingFields(kind: EntryKind): kind is 'resource' | 'template' {
  return kind === 'resource' || kind === 'template';
}

function dropPassing(definition: JsonObject): JsonObject {
  const { size: _size, annotations, ...rest } = definition;
  if (!isJsonObject(annotations)) return annotations === undefined ? rest : { ...rest, annotations };
  const { lastModified: _lastModified, ...others } = annotations;
  return { ...rest, annotations: others };
}

/** The definition itself when its sets are in that order. */
function withSortedSets(definition: JsonObject): JsonObject {
  let sorted = definition;
  for (const field of ['inputSchema', 'outputSchema']) {
    const schema = definition[field];
    const made = isJsonObject(schema) ? sortSets(schema) : schema;
    if (made !== schema) sorted = { ...sorted, [field]: made };
  }
  return sorted;
}

function* listDifferences(before: unknown, after: unknown, path: readonly string[]): Generator<string> {
  if (before === after) return;
  if (isJsonObject(before) && isJsonObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const key of keys) {
      const isBoth = Object.hasOwn(before, key) && Object.hasOwn(after, key);
      if (isBoth) yield* listDifferences(before[key], after[key], [...path, key]);
      else yield toPointer([...path, key]);
    }
  } else if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [index, item] of before.entries()) yield* listDifferences(item, after[index], [...path, String(index)]);
  } else yield toPointer(path);
}

/**
 * The definition without the texts at these places. What is no text there stays, and so does whatever no approval may ignore: a reference could
 * make a schema of it.
 */
export function withoutProse<Definition extends JsonObject>(
  kind: EntryKind,
  definition: Definition,
  pointers: readonly string[],
): Definition {
  return pointers
    .filter((pointer) => findProsePlace(kind, pointer) === pointer)
    .reduce((rest, pointer) => withoutText(rest, readSegments(pointer)), definition);
}

function withoutText<Value extends JsonObject>(value: Value, [key = '', ...below]: readonly string[]): Value {
  const held: unknown = Object.hasOwn(value, key) ? value[key] : undefined;
  if (below.length > 0) {
    const member = withoutTextInside(held, below);
    return member === held ? value : { ...value, [key]: member };
  }
  if (!isText(held)) return value;
  const copy = { ...value };
  Reflect.deleteProperty(copy, key);
  return copy;
}

/** In a list, the first segment counts its items. */
function withoutTextInside(held: unknown, path: readonly string[]): unknown {
  if (isJsonObject(held)) return withoutText(held, path);
  const [index = '', ...below] = path;
  if (!Array.isArray(held) || below.length === 0) return held;
  return held.map((item: unknown, at) => (String(at) === index ? withoutTextInside(item, below) : item));
}

function isText(value: unknown): boolean {
  return Array.isArray(value)
    ? value.every((item) => typeof item === 'string' || typeof item === 'number')
    : typeof value === 'string';
}

function readSegments(pointer: string): string[] {
  return pointer.split('/').slice(1).map(decodeSegment);
}

function toPointer(segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeSegment(segment)}`).join('');
}
