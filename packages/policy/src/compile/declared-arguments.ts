import { createReferenceResolver } from '../curation/schema-reference.ts';
import { isJsonObject, type JsonObject } from '../documents/json.ts';

/** The arguments that a schema declares at its top level, alternatives included; `open` when it explicitly takes others as well. */
export interface DeclaredArguments {
  names: ReadonlySet<string>;
  /** those of them of which the schema says that they have to come, and nothing else */
  bare: ReadonlySet<string>;
  open: boolean;
  /** arguments are declared behind references or alternatives too */
  composed: boolean;
}

const MAX_PARTS = 2_000;

/**
 * A schema that says nothing about other arguments takes them by the rules of JSON Schema; for a tool that is nearly always an omission. So
 * only `additionalProperties` (true or a schema), `patternProperties`, `unevaluatedProperties` or declaring no argument at all opens it. An argument that has to
 * come is declared, whether its value is described or not. `schema` has plain references; `top` is a part of it whose own arguments are meant.
 */
export function readDeclaredArguments(schema: JsonObject, top: JsonObject = schema): DeclaredArguments {
  const resolve = createReferenceResolver(schema);
  const names = new Set<string>();
  const asked = new Set<string>();
  const seen = new Set<unknown>();
  const waiting: unknown[] = [top];
  let open = false;
  let declares = false;
  // the list grows while it is walked, so names are found in the order in which they are declared
  for (const part of waiting) {
    if (!isJsonObject(part) || seen.has(part) || seen.size > MAX_PARTS) continue;
    seen.add(part);
    if (isJsonObject(part['properties'])) {
      declares = true;
      for (const name of Object.keys(part['properties'])) names.add(name);
    }
    for (const name of listAsked(part)) asked.add(name);
    if (part['additionalProperties'] === false) declares = true;
    open ||= takesOthers(part);
    waiting.push(...listInPlaceSchemas(part), ...(typeof part['$ref'] === 'string' ? [resolve(part['$ref'])] : []));
  }
  const bare = new Set([...asked].filter((name) => !names.has(name)));
  return { names: new Set([...names, ...bare]), bare, open: open || !declares, composed: seen.size > 1 };
}

/** Arguments that have to come, always or together with another one, and that other one. */
function listAsked(part: JsonObject): string[] {
  const maps = ['dependentRequired', 'dependencies'].flatMap((key) => (isJsonObject(part[key]) ? Object.entries(part[key]) : []));
  const together = maps.flatMap(([name, others]) => (Array.isArray(others) ? [name, ...listTexts(others)] : []));
  return [...listTexts(part['required']), ...together];
}

function listTexts(value: unknown): string[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return items.filter((item) => typeof item === 'string');
}

function takesOthers(part: JsonObject): boolean {
  const others = ['additionalProperties', 'unevaluatedProperties'].map((key) => part[key]);
  return others.some((value) => value === true || isJsonObject(value)) || isJsonObject(part['patternProperties']);
}

function listInPlaceSchemas(part: JsonObject): unknown[] {
  const lists = ['allOf', 'anyOf', 'oneOf'].flatMap((key): unknown[] => (Array.isArray(part[key]) ? part[key] : []));
  const maps = ['dependentSchemas', 'dependencies'].flatMap((key) => (isJsonObject(part[key]) ? Object.values(part[key]) : []));
  return [...lists, ...maps, part['then'], part['else']];
}
