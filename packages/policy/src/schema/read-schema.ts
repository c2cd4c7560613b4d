import { createReferenceResolver, REFERENCES } from '../curation/schema-reference.ts';
import { encodeSegment } from '../documents/json-pointer.ts';
import { isJsonObject, walkObjects, type JsonObject } from '../documents/json.ts';
import { compileLinearPattern } from '../limits/linear-pattern.ts';
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
  /** where each sub-schema of the original stands in it, as a JSON pointer */
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
 * form. What stands as data in `default`, `examples`, `enum` and `const` is no schema, whatever its keys are. Takes time in proportion to
 * its size; `schema` must be known not to be nested without end.
 */
export function readSchema(schema: JsonObject): ReadSchema {
  const reader = new Reader(schema);
  const read = reader.readNode(schema, '', '');
  reader.checkReferences(schema);
  const { pointers, slips, refused, broken } = reader;
  return { schema: read, pointers, slips, refused, broken };
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
  readonly #root: JsonObject;
  readonly #referred: readonly string[];
  readonly #references: { pointer: string; keyword: string; reference: string }[] = [];

  constructor(root: JsonObject) {
    this.#root = root;
    const references = [...walkObjects(root)].flatMap((node) => REFERENCES.map((key) => node[key]));
    this.#referred = [...new Set(references.filter((text) => typeof text === 'string'))].filter((text) => text.startsWith('#/'));
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
    const plain = withPlainReferences(read);
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
    if (typeof value !== 'object' || value === null || !this.#isReferred(at.pointer)) return undefined;
    if (isJsonObject(value)) return this.readNode(value, at.pointer, at.place);
    return Object.values(value).map((part: unknown, index) => this.#readUnknown(part, addTo(at, index)) ?? true);
  }

  #isReferred(pointer: string): boolean {
    const start = `#${pointer}`;
    return this.#referred.some((reference) => reference === start || reference.startsWith(`${start}/`));
  }

  #note(node: JsonObject, keyword: string, pointer: string): void {
    const value = node[keyword];
    if (keyword === '$async') this.refused.push({ pointer, keyword, reason: 'a schema uses $async, which is not JSON Schema' });
    if (keyword === '$id' && typeof value === 'string' && node !== this.#root && holdsReference(node))
      this.refused.push({ pointer, keyword, reason: 'a schema holds another document, and refers inside of it' });
    if (typeof value !== 'string' || !REFERENCES.some((name) => name === keyword)) return;
    if (value.startsWith('#')) this.#references.push({ pointer, keyword, reference: value });
    else this.refused.push({ pointer, keyword, reason: 'a schema refers to another document' });
  }

  /** A reference leads to a schema, and not to data that nobody has looked at. */
  checkReferences(schema: JsonObject): void {
    const resolve = createReferenceResolver(schema);
    for (const { reference, ...place } of this.#references) {
      const target = resolve(reference);
      if (target === undefined) this.broken.push({ ...place, reason: 'a schema refers to a place that is not there' });
      else if (typeof target === 'object' && target !== null && !this.pointers.has(target))
        this.refused.push({ ...place, reason: 'a schema refers to a place where no schema stands' });
    }
  }
}

function addTo({ pointer, place }: Place, name: string | number): Place {
  const segment = encodeSegment(String(name));
  return { pointer: `${pointer}/${segment}`, place: `${place}/${segment}` };
}

function holdsReference(node: JsonObject): boolean {
  return [...walkObjects(node)].some((part) => REFERENCES.some((key) => typeof part[key] === 'string'));
}

/**
 * Within one document, as a schema of a tool is, the dynamic forms of a reference lead to the same place as the plain one. ajv takes them for a reference to
 * the sub-schema that holds them when it meets them before their anchor: it leaves values unchecked then, or never ends.
 */
function withPlainReferences(read: JsonObject): JsonObject {
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
