/** The part of a JSON Schema that applies at one place: several, because of allOf, anyOf, oneOf and local references. */
export interface SchemaPlace {
  root: unknown;
  parts: ReadonlyArray<Record<string, unknown>>;
  /** declared properties that were asked for before: schemas outlive calls */
  properties: Map<string, SchemaPlace>;
}

const roots = new WeakMap<object, SchemaPlace>();

/** More alternatives than this at one place are not looked at: their fields then count as undeclared. */
const MAX_PARTS = 64;

/** True for an object that is no list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Follows a reference into the same document, `#` or `#/…`. Anything else is not followed. */
function resolveLocal(root: unknown, reference: string): unknown {
  if (!reference.startsWith('#')) return undefined;
  let target = root;
  for (const part of reference.slice(1).split('/').slice(1)) {
    const key = decodePercent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof target !== 'object' || target === null || !Object.hasOwn(target, key)) return undefined;
    target = Reflect.get(target, key);
  }
  return target;
}

/** What is no percent-encoding stays as it is. */
function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function createPlace(root: unknown, starts: unknown[]): SchemaPlace {
  const parts: Record<string, unknown>[] = [];
  const waiting = [...starts];
  for (let next = waiting.shift(); parts.length < MAX_PARTS && (next !== undefined || waiting.length); next = waiting.shift()) {
    if (!isRecord(next) || parts.includes(next)) continue;
    parts.push(next);
    waiting.push(...toList(next.allOf), ...toList(next.anyOf), ...toList(next.oneOf));
    waiting.push(next.then, next.else);
    if (typeof next.$ref === 'string') waiting.push(resolveLocal(root, next.$ref));
  }
  return { root, parts, properties: new Map() };
}

/** The place of the whole document. */
export function getSchemaRoot(schema: unknown): SchemaPlace {
  if (!isRecord(schema)) return createPlace(schema, [schema]);
  const place = roots.get(schema) ?? createPlace(schema, [schema]);
  roots.set(schema, place);
  return place;
}

/** The place of a declared property; null when the schema does not name it (a pattern or "any other key" does not count). */
export function findPropertyPlace(place: SchemaPlace, key: string): SchemaPlace | null {
  const known = place.properties.get(key);
  if (known) return known;
  const found = place.parts.flatMap(({ properties }) =>
    isRecord(properties) && Object.hasOwn(properties, key) ? [properties[key]] : [],
  );
  if (!found.length) return null;
  const child = createPlace(place.root, found);
  place.properties.set(key, child);
  return child;
}

/** The place of an array's item. */
export function getItemPlace(place: SchemaPlace, index: number): SchemaPlace {
  const found = place.parts.flatMap(({ items, prefixItems }): unknown[] => {
    const tuple = prefixItems === undefined ? toList(items) : toList(prefixItems);
    if (index < tuple.length) return [tuple[index]];
    return Array.isArray(items) ? [] : [items];
  });
  return createPlace(place.root, found);
}

/** True when the schema lists the values that are allowed here. */
export function isEnumerated(place: SchemaPlace): boolean {
  return place.parts.some((part) => 'enum' in part || 'const' in part);
}
