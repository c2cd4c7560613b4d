import { createReferenceResolver } from '../curation/schema-reference.ts';
import { ArgumentChangeLog, type ArgumentChanges } from '../documents/argument-changes.ts';
import { hasKeptNumbers, readNumberText } from '../documents/exact-number.ts';
import { encodeSegment } from '../documents/json-pointer.ts';
import { isJsonObject, isShallow, readJson, type JsonObject } from '../documents/json.ts';
import { getTakenTypes, mergeTypes, type TypeSet } from './taken-types.ts';

/** The arguments in the form that the tool takes, as far as they can be brought into it; null when there is nothing to change. */
export type Normalizer = (args: JsonObject) => { arguments: JsonObject; changes: ArgumentChanges } | null;

/** Values looked at in one call, each once for every part of the schema that applies to it; what is beyond stays as it came. */
const MAX_STEPS = 200_000;
/** Levels of arguments, also of what is written in them as JSON text: fewer than a request may have. */
const MAX_LEVELS = 60;
/** Parts of a schema that apply to one value. */
const MAX_PARTS = 500;

/**
 * Compiles what brings arguments into the form of a read schema. A value of a type that its place may take is never changed, and one of another type only
 * where the place leaves one reading of it. `completes`: also JSON text for objects and lists, and defaults of required arguments.
 * What comes out has to be checked: it may still not fit.
 */
export function compileNormalizer(schema: JsonObject, completes: boolean): Normalizer {
  const resolve = createReferenceResolver(schema);
  return (args) => {
    const walk = new Walk(resolve, completes);
    const changed = walk.visit(args, [schema], []);
    return walk.log.isEmpty || !isJsonObject(changed) ? null : { arguments: changed, changes: walk.log.toChanges() };
  };
}

/** A sub-schema that applies to an object, and whether it does so whatever the object is. */
interface Part {
  node: JsonObject;
  certain: boolean;
}

class Walk {
  readonly log = new ArgumentChangeLog();
  readonly #resolve: (reference: string) => unknown;
  readonly #completes: boolean;
  #steps = 0;

  constructor(resolve: (reference: string) => unknown, completes: boolean) {
    this.#resolve = resolve;
    this.#completes = completes;
  }

  /** The value as the places of the schema, one of which it stands at, have it; the same when nothing is to be changed. */
  visit(value: unknown, places: readonly unknown[], path: readonly string[]): unknown {
    if ((this.#steps += 1) > MAX_STEPS || path.length > MAX_LEVELS) return value;
    if (typeof value === 'string') return this.#readText(value, places, path);
    if (Array.isArray(value)) return this.#visitItems(value, places, path);
    return isJsonObject(value) ? this.#visitObject(value, places, path) : value;
  }

  #readText(text: string, places: readonly unknown[], path: readonly string[]): unknown {
    const types = this.#getTypes(places);
    if (types.has('string')) return text;
    const scalar = readScalar(text, types);
    if (scalar !== undefined) {
      this.log.add(path, 'text_read');
      return scalar;
    }
    const read = this.#completes ? readStructure(text, types, MAX_LEVELS - path.length) : undefined;
    if (read === undefined) return text;
    this.log.add(path, 'json_read');
    return this.visit(read, places, path);
  }

  #visitItems(items: readonly unknown[], places: readonly unknown[], path: readonly string[]): unknown {
    const parts = this.#listParts(places);
    if ((this.#steps += items.length * parts.length) > MAX_STEPS) return items;
    const inner = [...path, '*'];
    const visited = items.map((item, index) => {
      const here = parts.flatMap(({ node }) => findItemPlace(node, index));
      return here.length === 0 ? item : this.visit(item, here, inner);
    });
    return visited.every((item, index) => item === items[index]) ? items : visited;
  }

  #visitObject(value: JsonObject, places: readonly unknown[], path: readonly string[]): JsonObject {
    const parts = this.#listParts(places);
    if ((this.#steps += Object.keys(value).length * parts.length) > MAX_STEPS) return value;
    const required = new Set(parts.flatMap(({ node }) => listRequired(node)));
    const entries = Object.entries(value).flatMap(([key, held]): [string, unknown][] => {
      const { found, declared } = findPlaces(parts, key);
      if (found.length === 0) return [[key, held]];
      const inner = [...path, declared ? encodeSegment(key) : '*'];
      if (held !== null) return [[key, this.visit(held, found, inner)]];
      if (this.#getTypes(found).has('null')) return [[key, null]];
      if (!required.has(key)) {
        this.log.add(inner, 'null_dropped');
        return [];
      }
      const preset = this.#findDefault(parts, key);
      return [[key, preset === undefined ? null : this.#useDefault(preset, inner)]];
    });
    const added = this.#completes ? this.#addMissing(value, parts, path) : [];
    const isSame = added.length === 0 && entries.length === Object.keys(value).length;
    return isSame && entries.every(([key, held]) => held === value[key]) ? value : Object.fromEntries([...entries, ...added]);
  }

  #addMissing(value: JsonObject, parts: readonly Part[], path: readonly string[]): [string, unknown][] {
    const certain = parts.filter((part) => part.certain);
    const missing = new Set(certain.flatMap(({ node }) => listRequired(node)).filter((key) => !Object.hasOwn(value, key)));
    return [...missing].flatMap((key): [string, unknown][] => {
      const preset = this.#findDefault(certain, key);
      return preset === undefined ? [] : [[key, this.#useDefault(preset, [...path, encodeSegment(key)])]];
    });
  }

  #useDefault(preset: unknown, path: readonly string[]): unknown {
    this.log.add(path, 'default_added');
    return preset;
  }

  /** Undefined unless defaults are added; of several the first, that of the place itself before those of what it refers to. */
  #findDefault(parts: readonly Part[], key: string): unknown {
    if (!this.#completes) return undefined;
    const certain = parts.filter((part) => part.certain);
    for (const place of findPlaces(certain, key).found) {
      const here = this.#listParts([place]).filter((part) => part.certain);
      if ((this.#steps += here.length) > MAX_STEPS) return undefined;
      const named = here.find(({ node }) => Object.hasOwn(node, 'default'));
      if (named) return named.node['default'];
    }
    return undefined;
  }

  #getTypes(places: readonly unknown[]): TypeSet {
    return mergeTypes(places.map((place) => getTakenTypes(place, this.#resolve)));
  }

  /** Everything that applies in place, references followed. */
  #listParts(places: readonly unknown[]): Part[] {
    const [only] = places;
    const waiting = places.map((node) => ({ node, certain: places.length === 1 && node === only }));
    const parts: Part[] = [];
    const seen = new Set<unknown>();
    for (const { node, certain } of waiting) {
      if (!isJsonObject(node) || seen.has(node) || seen.size > MAX_PARTS) continue;
      seen.add(node);
      parts.push({ node, certain });
      if (typeof node['$ref'] === 'string') waiting.push({ node: this.#resolve(node['$ref']), certain });
      waiting.push(...toList(node['allOf']).map((part) => ({ node: part, certain })));
      const maps = [node['dependentSchemas'], node['dependencies']].filter(isJsonObject);
      const alternatives = [...toList(node['anyOf']), ...toList(node['oneOf']), ...maps.flatMap((map) => Object.values(map))];
      waiting.push(...[...alternatives, node['then'], node['else']].map((part) => ({ node: part, certain: false })));
    }
    return parts;
  }
}

function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function listRequired(node: JsonObject): string[] {
  return toList(node['required']).filter((key) => typeof key === 'string');
}

/** The sub-schemas of a member. Where an alternative says nothing of it and takes others, every value may be meant. */
function findPlaces(parts: readonly Part[], key: string): { found: unknown[]; declared: boolean } {
  const inPart = ({ node }: Part): unknown[] => {
    const properties = node['properties'];
    if (isJsonObject(properties) && Object.hasOwn(properties, key)) return [properties[key]];
    if (isJsonObject(node['patternProperties'])) return [true];
    return isJsonObject(node['additionalProperties']) ? [node['additionalProperties']] : [];
  };
  const isDeclaredIn = ({ node: { properties } }: Part): boolean => isJsonObject(properties) && Object.hasOwn(properties, key);
  const declared = parts.some(isDeclaredIn);
  const certain = parts.filter((part) => part.certain).flatMap(inPart);
  if (certain.length > 0) return { found: certain, declared };
  const alternatives = parts.filter((part) => !part.certain && isJsonObject(part.node['properties']));
  const leaves = alternatives.some((part) => inPart(part).length === 0 && part.node['additionalProperties'] !== false);
  const found = parts.flatMap(inPart);
  return { found: found.length > 0 && leaves ? [...found, true] : found, declared };
}

function findItemPlace(node: JsonObject, index: number): unknown[] {
  const { items, prefixItems, additionalItems } = node;
  const positions = Array.isArray(items) ? items : toList(prefixItems);
  if (index < positions.length) return [positions[index]];
  const rest = Array.isArray(items) ? additionalItems : items;
  return rest === undefined ? [] : [rest];
}

/** A number, true or false, where the types leave one scalar beside null. */
function readScalar(text: string, types: TypeSet): number | boolean | undefined {
  const takesNumbers = types.has('number') || types.has('integer');
  if (takesNumbers === types.has('boolean')) return undefined;
  if (!takesNumbers) return text === 'true' ? true : text === 'false' ? false : undefined;
  const value = readNumberText(text);
  if (value === null || (!types.has('number') && !/^-?\d+$/.test(text))) return undefined;
  return value;
}

/** An object or a list of a type that is taken, each number in it with all its digits, each text in it with whole characters. */
function readStructure(text: string, types: TypeSet, levels: number): unknown {
  const value = readSpelled(text);
  const type = Array.isArray(value) ? 'array' : isJsonObject(value) ? 'object' : null;
  if (type === null || !types.has(type) || !isShallow(value, levels) || !hasKeptNumbers(text)) return undefined;
  return text.includes('\\u') && !hasWholeCharacters(value) ? undefined : value;
}

const TEXT = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/**
 * The value of a JSON text. V8 may take a key that is written with an escape for one of an object of before, so keys are put without; undefined for what is no
 * JSON, and for a key that cannot be.
 */
function readSpelled(text: string): unknown {
  const value = readJson(text);
  if (value === undefined || !text.includes('\\')) return value;
  let needsEscape = false;
  const spelled = text.replaceAll(TEXT, (token: string, colon?: string) => {
    if (colon === undefined || !token.includes('\\')) return token;
    const key = JSON.stringify(JSON.parse(token.slice(0, -colon.length)));
    needsEscape ||= key.includes('\\');
    return key + colon;
  });
  return needsEscape ? undefined : readJson(spelled);
}

/** No half of a character stands in any text or key. The value must be known not to be nested without end. */
function hasWholeCharacters(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (Array.isArray(value)) return value.every(hasWholeCharacters);
  return !isJsonObject(value) || Object.entries(value).every(([key, item]) => key.isWellFormed() && hasWholeCharacters(item));
}
