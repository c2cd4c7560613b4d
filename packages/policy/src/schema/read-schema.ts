import {
  createReferenceResolver,
  decodeReferenceSegment,
  findMember,
  listReferences,
  REFERENCES,
} from '../curation/schema-reference.ts';
import { encodeSegment } from '../documents/json-pointer.ts';
import { isJsonObject, walkObjects, type JsonObject } from '../documents/json.ts';
import { compileLinearPattern } from '../limits/linear-pattern.ts';
import { readReferences, writePointer } from './plain-references.ts';
import { type ReadKeyword, readKeyword } from './read-keyword.ts';

/** Something in a schema that is not as the dialects of JSON Schema have it. */
export interface SchemaNote {
  /** JSON pointer in the schema, to the keyword: "/properties/limit/type" */
  pointer: string;
  keyword: string;
  /** what is wrong or how it is read, in words for a reviewer */
  reason: string;
}

/** A schema as it is checked. */
export interface ReadSchema {
  /** only what decides on a value, each keyword in a form that a compiler takes; what cannot be read stands there as its server wrote it */
  schema: JsonObject;
  /** where each sub-schema of the original, with its references made plain, stands in it, as a JSON pointer */
  pointers: ReadonlyMap<object, string>;
  /** read in another way than it is written, or not read at all */
  slips: SchemaNote[];
  /** for these the schema is not to be used */
  refused: SchemaNote[];
  /** likely reasons when the schema cannot be compiled */
  broken: SchemaNote[];
}

/**
 * Reads a schema leniently where that is harmless: older drafts and OpenAPI, words for types that other languages have, keywords whose value has the wrong
 * form. What stands as data in `default`, `examples`, `enum` and `const` is no schema, whatever its keys are. Every reference is one by a pointer from the
 * root (plain-references.ts). Takes time in proportion to its size; `schema` must be known not to be nested without end.
 */
export function readSchema(schema: JsonObject): ReadSchema {
  const references = readReferences(schema);
  const reader = new Reader(references.schema);
  const read = reader.readNode(references.schema, '', '');
  reader.writeReferences();
  // of what was added there are notes where it was taken from
  const isOwn = ({ pointer }: SchemaNote): boolean =>
    !references.added.some((place) => pointer === place || pointer.startsWith(`${place}/`));
  return {
    schema: read,
    pointers: reader.pointers,
    slips: [...references.slips, ...reader.slips.filter(isOwn)],
    refused: [...references.refused, ...reader.refused],
    broken: reader.broken.filter(isOwn),
  };
}

interface Place {
  /** in the original */
  pointer: string;
  /** in what is made of it */
  place: string;
}

class Reader {
  readonly pointers = new Map<object, string>();
  readonly slips: SchemaNote[] = [];
  readonly refused: SchemaNote[] = [];
  readonly broken: SchemaNote[] = [];
  readonly #resolve: (reference: string) => unknown;
  /** pointers to everything that something refers to, and to all that it stands in */
  readonly #referred = new Set<string>();
  readonly #references: { pointer: string; keyword: string; reference: string; read: JsonObject }[] = [];

  constructor(root: JsonObject) {
    this.#resolve = createReferenceResolver(root);
    for (const node of walkObjects(root))
      for (const { reference } of listReferences(node)) if (reference.startsWith('#/')) this.#markReferred(root, reference);
  }

  #markReferred(root: JsonObject, reference: string): void {
    let value: unknown = root;
    let pointer = '';
    for (const segment of reference.split('/').slice(1)) {
      const key = decodeReferenceSegment(segment);
      value = findMember(value, key);
      if (value === undefined) return;
      this.#referred.add((pointer += `/${encodeSegment(key)}`));
    }
  }

  /** `pointer`: in the original; `place`: in what is made of it */
  readNode(node: JsonObject, pointer: string, place: string): JsonObject {
    this.pointers.set(node, place);
    const wraps = isWrapped(node);
    const inner = wraps ? `${place}/anyOf/0` : place;
    const read: JsonObject = {};
    for (const [keyword, value] of Object.entries(node)) {
      const at = addTo({ pointer, place: inner }, keyword);
      this.#note(node, keyword, at.pointer);
      const known = readKeyword(node, keyword, value);
      if (known.note !== undefined) this.slips.push({ pointer: at.pointer, keyword, reason: known.note });
      if (known.broken !== undefined) this.broken.push({ pointer: at.pointer, keyword, reason: known.broken });
      const made = this.#readChildren(keyword, known, at);
      if (made !== undefined) read[keyword] = made;
    }
    const plain = withOneReference(read);
    for (const { keyword, reference } of listReferences(node))
      if (reference.startsWith('#')) this.#references.push({ pointer: `${pointer}/${keyword}`, keyword, reference, read: plain });
    if (node['nullable'] !== true) return plain;
    this.slips.push({ pointer: `${pointer}/nullable`, keyword: 'nullable', reason: 'it is read as: or null' });
    return wraps ? { anyOf: [plain, { type: 'null' }] } : withNull(plain);
  }

  #readChildren(keyword: string, { holds, value }: ReadKeyword, at: Place): unknown {
    switch (holds) {
      case 'nothing':
        return undefined;
      case 'value':
        return value;
      case 'schema':
        return this.#readPlace(keyword, value, at);
      case 'list':
        return (Array.isArray(value) ? value : []).map((part: unknown, index) =>
          this.#readPlace(keyword, part, addTo(at, index)),
        );
      case 'map':
        return this.#readMap(keyword, value, at);
      case 'unknown':
        return this.#readUnknown(value, at);
    }
  }

  #readMap(keyword: string, value: unknown, at: Place): JsonObject {
    const entries = Object.entries(isJsonObject(value) ? value : {});
    if (keyword === 'patternProperties') this.#checkPatterns(entries, at);
    // in `dependencies`, a list of names stands for a schema
    const isSchema = (part: unknown): boolean => !(keyword === 'dependencies' && Array.isArray(part));
    return Object.fromEntries(
      entries.map(([name, part]) => [name, isSchema(part) ? this.#readPlace(keyword, part, addTo(at, name)) : part]),
    );
  }

  #checkPatterns(entries: readonly [string, unknown][], at: Place): void {
    for (const [pattern] of entries) {
      if (compileLinearPattern(pattern)) continue;
      const reason = 'a schema has a key pattern that cannot be matched in bounded time';
      this.refused.push({ pointer: addTo(at, pattern).pointer, keyword: 'patternProperties', reason });
    }
  }

  #readPlace(keyword: string, part: unknown, at: Place): unknown {
    if (isJsonObject(part)) return this.readNode(part, at.pointer, at.place);
    if (typeof part === 'boolean') return part;
    this.slips.push({ pointer: at.pointer, keyword, reason: 'no schema stands there, so every value is taken' });
    return true;
  }

  /** What is no keyword holds schemas only when something refers to it. */
  #readUnknown(value: unknown, at: Place): unknown {
    if (typeof value !== 'object' || value === null || !this.#referred.has(at.pointer)) return undefined;
    if (isJsonObject(value)) return this.readNode(value, at.pointer, at.place);
    return Object.values(value).map((part: unknown, index) => this.#readUnknown(part, addTo(at, index)) ?? true);
  }

  #note(node: JsonObject, keyword: string, pointer: string): void {
    const value = node[keyword];
    if (keyword === '$async') this.refused.push({ pointer, keyword, reason: 'a schema uses $async, which is not JSON Schema' });
    if (typeof value !== 'string' || !REFERENCES.some((name) => name === keyword) || value.startsWith('#')) return;
    this.refused.push({ pointer, keyword, reason: 'a schema refers to another document' });
  }

  /** A reference leads to a schema, and not to data that nobody has looked at; it is written as the place of that in what was made. */
  writeReferences(): void {
    for (const { reference, read, ...place } of this.#references) {
      const target = this.#resolve(reference);
      const made = isJsonObject(target) ? this.pointers.get(target) : undefined;
      if (target === undefined) this.broken.push({ ...place, reason: 'a schema refers to a place that is not there' });
      else if (made !== undefined) read['$ref'] = read['$ref'] === reference ? writePointer(made) : read['$ref'];
      else if (typeof target !== 'boolean')
        this.refused.push({ ...place, reason: 'a schema refers to a place where no schema stands' });
    }
  }
}

function addTo({ pointer, place }: Place, name: string | number): Place {
  const segment = encodeSegment(String(name));
  return { pointer: `${pointer}/${segment}`, place: `${place}/${segment}` };
}

/** What is left of dynamic references leads nowhere; ajv would take it for a reference to the sub-schema that holds it. */
function withOneReference(read: JsonObject): JsonObject {
  if (!Object.hasOwn(read, '$dynamicRef') && !Object.hasOwn(read, '$recursiveRef')) return read;
  const { $dynamicRef, $recursiveRef, ...rest } = read;
  const [$ref, ...others] = [rest['$ref'], $dynamicRef, $recursiveRef].filter((reference) => reference !== undefined);
  const allOf = isList(rest['allOf']) ? rest['allOf'] : [];
  return { ...rest, $ref, ...(others.length > 0 && { allOf: [...allOf, ...others.map((other) => ({ $ref: other }))] }) };
}

/** Keywords to which null can be added without another level. */
const OWN_ALTERNATIVES = ['type', 'anyOf', 'oneOf', 'enum', 'const'];

/** Where nothing says of which type a nullable value is, null needs an alternative of its own. */
function isWrapped(node: JsonObject): boolean {
  if (node['nullable'] !== true) return false;
  const narrows = ['$ref', 'allOf', 'not', 'if'].some((key) => Object.hasOwn(node, key));
  return narrows || OWN_ALTERNATIVES.filter((key) => Object.hasOwn(node, key) && key !== 'type' && key !== 'enum').length > 1;
}

/** The same, also for null. */
function withNull({ type, anyOf, oneOf, enum: allowed, const: only, ...rest }: JsonObject): JsonObject {
  const addSchema = (list: unknown): unknown => (isList(list) ? [...list, { type: 'null' }] : list);
  const types = [type].flat();
  return {
    ...rest,
    ...(type !== undefined && { type: types.includes('null') ? types : [...types, 'null'] }),
    ...(anyOf !== undefined && { anyOf: addSchema(anyOf) }),
    ...(oneOf !== undefined && { oneOf: addSchema(oneOf) }),
    ...(only !== undefined && { enum: [only, null] }),
    ...(isList(allowed) && { enum: allowed.includes(null) ? allowed : [...allowed, null] }),
  };
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value);
}
