import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { type OpenapiDocument, Unmappable } from './document.ts';
import { isKept, isNullable, copyPlainKeywords, SCHEMA_KEYWORDS, listSubSchemas } from './schema-keywords.ts';

/** A JSON Schema, true and false included. */
export type Schema = JsonObject | boolean;

export interface WriterOptions {
  side: 'request' | 'response';
  /** levels of schemas inside of schemas; below them only the type stays */
  depth: number;
  /** longest description kept, in characters; 0: none */
  textLimit: number;
}

const MAX_NODES = 20_000;
const MAX_REFERENCES = 500;

/**
 * Writes schemas of a description as JSON Schema 2020-12 that needs no other document. A referenced schema that is used once stands where
 * it is used; one that is used more often, or that contains itself, stands under `$defs`.
 */
export class SchemaWriter {
  readonly #document: OpenapiDocument;
  readonly #options: WriterOptions;
  readonly #shared: ReadonlySet<string>;
  readonly #names = new Map<string, string>();
  readonly #definitions = new Map<string, Schema>();
  #nodes = 0;

  /** `roots`: every schema that will be written. Throws Unmappable for a reference that leads out or nowhere. */
  constructor(document: OpenapiDocument, roots: readonly unknown[], options: WriterOptions) {
    this.#document = document;
    this.#options = options;
    this.#shared = findSharedReferences(document, roots);
  }

  write(schema: unknown, level = 0): Schema {
    if (typeof schema === 'boolean') return schema;
    if (!isJsonObject(schema)) throw new Unmappable('a schema is neither an object nor true or false');
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) throw new Unmappable('its schemas are too large');
    const reference = schema['$ref'];
    return typeof reference === 'string' ? this.#writeReference(reference, schema, level) : this.#writeObject(schema, level);
  }

  /** The definitions that what was written refers to; null when there are none. */
  getDefinitions(): JsonObject | null {
    return this.#definitions.size === 0 ? null : Object.fromEntries(this.#definitions);
  }

  #writeReference(reference: string, schema: JsonObject, level: number): Schema {
    const target = this.#shared.has(reference)
      ? { $ref: `#/$defs/${this.#define(reference, level)}` }
      : this.write(this.#document.lookUp(reference), level);
    if (this.#document.isOldDialect) return target;
    const { $ref: _reference, ...siblings } = schema;
    const beside = this.#writeObject(siblings, level);
    if (Object.keys(beside).length === 0) return target;
    const onlyWords = Object.keys(beside).every((key) => ['title', 'description', 'default', 'deprecated'].includes(key));
    return onlyWords && isJsonObject(target) ? { ...target, ...beside } : { ...beside, allOf: [target, ...getAllOf(beside)] };
  }

  #define(reference: string, level: number): string {
    const known = this.#names.get(reference);
    if (known !== undefined) return known;
    const wanted = (reference.split('/').at(-1) ?? '').replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 60) || 'schema';
    const taken = new Set(this.#names.values());
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) name = `${wanted}_${number}`;
    this.#names.set(reference, name);
    this.#definitions.set(name, true);
    this.#definitions.set(name, this.write(this.#document.lookUp(reference), level));
    return name;
  }

  #writeObject(schema: JsonObject, level: number): JsonObject {
    const { side, depth, textLimit } = this.#options;
    const { isOldDialect } = this.#document;
    const plain = copyPlainKeywords(schema, { isOldDialect, side, textLimit });
    if (level >= depth) return withoutInner(plain);
    const inner = [...SCHEMA_KEYWORDS].flatMap(([key, kind]): [string, unknown][] => {
      const value = schema[key];
      if (value === undefined || !isKept(key, side) || (side === 'response' && isClosing(key, value))) return [];
      if (kind === 'one') return [[key, this.write(value, level + 1)]];
      // a result schema loses what tells its alternatives apart, so a value may match several and `oneOf` would refuse it
      const name = side === 'response' && key === 'oneOf' && schema['anyOf'] === undefined ? 'anyOf' : key;
      if (kind === 'list') return Array.isArray(value) ? [[name, value.map((each) => this.write(each, level + 1))]] : [];
      return isJsonObject(value) ? [[key, this.#writeMap(value, level)]] : [];
    });
    const written = withKnownRequired({ ...plain, ...Object.fromEntries(inner) }, schema);
    const nullable = isOldDialect && isNullable(schema) && !('type' in plain) && inner.length > 0;
    return nullable ? { anyOf: [written, { type: 'null' }] } : written;
  }

  /** Whether a property, or what it refers to, says of itself that it goes one way only. */
  #is(value: unknown, way: 'readOnly' | 'writeOnly'): boolean {
    if (!isJsonObject(value)) return false;
    return value[way] === true || (typeof value['$ref'] === 'string' && this.#document.resolve(value)[way] === true);
  }

  /** Properties that only go the other way are left out. */
  #writeMap(map: JsonObject, level: number): JsonObject {
    const otherWay = this.#options.side === 'request' ? 'readOnly' : 'writeOnly';
    const kept = Object.entries(map).filter(([, value]) => !this.#is(value, otherWay));
    return Object.fromEntries(kept.map(([key, value]) => [key, this.write(value, level + 1)]));
  }
}

function getAllOf(schema: JsonObject): unknown[] {
  return Array.isArray(schema['allOf']) ? (schema['allOf'] as unknown[]) : [];
}

/** `false` where results may grow: an API may always answer more than it describes. */
function isClosing(key: string, value: unknown): boolean {
  return value === false && (key === 'additionalProperties' || key.startsWith('unevaluated'));
}

/** What is left of a schema that lies too deep: `required` names properties that are not described any more. */
function withoutInner({ required: _required, ...plain }: JsonObject): JsonObject {
  return plain;
}

/** A property that was left out cannot be required. */
function withKnownRequired(written: JsonObject, schema: JsonObject): JsonObject {
  const { required, ...rest } = written;
  if (!Array.isArray(required)) return written;
  const before = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const after = isJsonObject(written['properties']) ? written['properties'] : {};
  const kept = required.filter(
    (name) => typeof name === 'string' && (Object.hasOwn(after, name) || !Object.hasOwn(before, name)),
  );
  return kept.length === 0 ? rest : { ...rest, required: kept };
}

/** References that are used more than once or lead back to themselves. */
function findSharedReferences(document: OpenapiDocument, roots: readonly unknown[]): ReadonlySet<string> {
  const uses = new Map<string, number>();
  const seen = new Set<unknown>();
  const waiting = [...roots];
  for (let schema = waiting.pop(); schema !== undefined || waiting.length > 0; schema = waiting.pop()) {
    if (!isJsonObject(schema)) continue;
    const reference = schema['$ref'];
    if (typeof reference === 'string') {
      const count = uses.get(reference) ?? 0;
      uses.set(reference, count + 1);
      if (uses.size > MAX_REFERENCES) throw new Unmappable('its schemas refer to too many others');
      if (count === 0) {
        const target = document.lookUp(reference);
        // what stands in place already is shared from here on: else it would be written twice, or inside of itself
        if (seen.has(target)) uses.set(reference, 2);
        waiting.push(target);
      }
    }
    if (seen.has(schema)) continue;
    seen.add(schema);
    if (seen.size > MAX_NODES) throw new Unmappable('its schemas are too large');
    waiting.push(...listSubSchemas(schema));
  }
  return new Set([...uses].filter(([, count]) => count > 1).map(([reference]) => reference));
}
