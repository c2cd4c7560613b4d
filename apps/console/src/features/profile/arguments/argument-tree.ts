import { createReferenceResolver } from '@gatehouse/policy/curation/schema-reference';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { encodeSegment } from '@gatehouse/policy/documents/json-pointer';
import { withPlainReferences } from '@gatehouse/policy/schema/plain-references';

import { collectTypes, describeType } from '../../../ui/entity/schema-type.ts';

/** How a value of an argument is entered by hand. */
export type ValueKind = 'string' | 'number' | 'boolean' | 'choice' | 'json';
export type Scalar = string | number | boolean | null;

/** One declared argument, as the server declares it. Names and texts are untrusted. */
export interface ArgumentNode {
  /** JSON Pointer; items of a list add no segment, because a rule holds for every item */
  pointer: string;
  name: string;
  /** "string", "list of object" */
  type: string;
  required: boolean;
  description: string;
  valueKind: ValueKind;
  /** a whole number is asked for */
  integer: boolean;
  /** values that the schema names; empty when it names none */
  options: readonly Scalar[];
  /** it takes single values, or a list of them */
  restrictable: boolean;
  children: readonly ArgumentNode[];
}

const MAX_DEPTH = 12;
const MAX_NODES = 1_000;
const ALTERNATIVES = ['anyOf', 'oneOf'] as const;

const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
const toText = (value: unknown): string => (typeof value === 'string' ? value : '');
const toList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The arguments of a tool as a tree: nested objects and lists of objects, through references and alternatives. */
export function buildArgumentTree(given: JsonObject): ArgumentNode[] {
  const schema = withPlainReferences(given);
  return new TreeBuilder(schema).buildChildren(schema, '', new Set());
}

class TreeBuilder {
  readonly #resolve: (reference: string) => unknown;
  #left = MAX_NODES;

  constructor(schema: JsonObject) {
    this.#resolve = createReferenceResolver(schema);
  }

  /** `path` holds the definitions that are being described already, so that one that refers to itself ends. */
  buildChildren(node: unknown, pointer: string, path: ReadonlySet<unknown>): ArgumentNode[] {
    if (path.size > MAX_DEPTH) return [];
    const parts = [...this.#walkParts(node)];
    const required = new Set(parts.flatMap(({ part, certain }) => (certain ? toList(part['required']) : [])));
    const found = new Map<string, unknown>();
    for (const { part } of parts) {
      const properties = isJsonObject(part['properties']) ? part['properties'] : {};
      for (const [name, property] of Object.entries(properties)) if (!found.has(name)) found.set(name, property);
    }
    return [...found].flatMap(([name, property]) => {
      if ((this.#left -= 1) < 0) return [];
      const place = { name, pointer: `${pointer}/${encodeSegment(name)}`, required: required.has(name) };
      return [this.#buildNode(place, property, path)];
    });
  }

  /** The sub-schemas that hold in this place, references followed; `certain` is false inside an alternative. */
  *#walkParts(
    node: unknown,
    certain = true,
    seen: ReadonlySet<unknown> = new Set(),
  ): Generator<{ part: JsonObject; certain: boolean }> {
    if (!isJsonObject(node) || seen.has(node)) return;
    const deeper = new Set(seen).add(node);
    yield { part: node, certain };
    if (typeof node['$ref'] === 'string') yield* this.#walkParts(this.#resolve(node['$ref']), certain, deeper);
    for (const part of toList(node['allOf'])) yield* this.#walkParts(part, certain, deeper);
    const others = [...ALTERNATIVES.flatMap((key) => toList(node[key])), node['then'], node['else']];
    for (const part of others) yield* this.#walkParts(part, false, deeper);
  }

  #buildNode(
    place: Pick<ArgumentNode, 'name' | 'pointer' | 'required'>,
    node: unknown,
    path: ReadonlySet<unknown>,
  ): ArgumentNode {
    const parts = [...this.#walkParts(node)].map(({ part }) => part);
    // A definition that refers to itself is shown once, not without end.
    const again = parts.some((part) => path.has(part));
    const deeper = new Set(path);
    for (const part of parts) if (isJsonObject(part['properties'])) deeper.add(part);
    const items = parts.map((part) => part['items']).find(isJsonObject);
    const children = again ? [] : [node, items].flatMap((each) => this.buildChildren(each, place.pointer, deeper));
    const single = parts.filter((part) => part['$ref'] === undefined);
    const holder = items ? [...this.#walkParts(items)].map(({ part }) => part) : parts;
    return {
      ...place,
      type: describeType(single, items ? describeType(holder, null) : null),
      description: parts.map((part) => toText(part['description']) || toText(part['title'])).find((text) => text !== '') ?? '',
      ...classifyValue(parts, items !== undefined),
      options: collectOptions(holder),
      restrictable: children.length === 0 && !collectTypes(holder).has('object'),
      children,
    };
  }
}

function collectOptions(parts: readonly JsonObject[]): Scalar[] {
  const named = parts.flatMap((part) => [...toList(part['enum']), ...(Object.hasOwn(part, 'const') ? [part['const']] : [])]);
  return [...new Set(named.filter(isScalar))];
}

function classifyValue(parts: readonly JsonObject[], list: boolean): Pick<ArgumentNode, 'valueKind' | 'integer'> {
  const types = collectTypes(parts);
  types.delete('null');
  const only = types.size === 1 && !list ? [...types][0] : undefined;
  const integer = only === 'integer';
  if (!list && collectOptions(parts).length > 0) return { valueKind: 'choice', integer };
  if (only === 'string' || only === 'boolean' || only === 'number') return { valueKind: only, integer };
  return { valueKind: integer ? 'number' : 'json', integer };
}

/** Every argument of the tree, parents before children. */
export function* walkArguments(nodes: readonly ArgumentNode[]): Generator<ArgumentNode> {
  for (const node of nodes) {
    yield node;
    yield* walkArguments(node.children);
  }
}
