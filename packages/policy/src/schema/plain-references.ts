import { listReferences } from '../curation/schema-reference.ts';
import { isJsonObject, type JsonObject } from '../documents/json.ts';
import type { SchemaNote } from './read-schema.ts';
import { RECURSIVE, SchemaResources, type ReferenceTarget, type SchemaResource } from './schema-resources.ts';
import { mapSubSchemas } from './sub-schemas.ts';

/** A schema in which every reference that leads somewhere is a `$ref` with a JSON pointer from the root. */
export interface PlainSchema {
  schema: JsonObject;
  /** references that are read in another way than by the letter, with pointers in the schema as it was given */
  slips: SchemaNote[];
  /** for these the schema is not to be used */
  refused: SchemaNote[];
  /** places of what was added to it: forms of its parts that the given schema has only in effect */
  added: string[];
}

/** Sub-schemas that are written once more because they mean something else where a dynamic reference leads from there. */
const MOST_ADDED = 1_000;
/** Dynamic names that several resources have. */
const MOST_NAMES = 32;

const known = new WeakMap<JsonObject, PlainSchema>();

/**
 * The one reading of references: by identifier (`$id`, in draft 04 `id`, also of embedded schemas, relative ones resolved), by anchor, by pointer, and by what led there
 * (`$dynamicRef`, `$recursiveRef`). Everything after it follows pointers from the root. A schema that has no others is given back itself, and so is what was made here;
 * for one schema it is always the same object. What leads nowhere stays as it is. Takes time in proportion to the size of the schema, which must be known not to be
 * nested without end.
 */
export function readReferences(given: JsonObject): PlainSchema {
  const before = known.get(given);
  if (before) return before;
  const resources = new SchemaResources(given);
  const made = resources.isPlain ? { schema: given, slips: [], refused: [], added: [] } : new Rewriting(resources).rewrite();
  known.set(given, made);
  known.set(made.schema, made);
  return made;
}

/** The schema alone, of the type that it had; itself when its references are plain. */
export function withPlainReferences<Schema extends JsonObject>(given: Schema): Schema {
  const read = readReferences(given);
  if (read.schema === given) return given;
  const schema = { ...given };
  for (const key of Object.keys(schema)) if (!Object.hasOwn(read.schema, key)) Reflect.deleteProperty(schema, key);
  const plain = Object.assign(schema, read.schema);
  known.set(plain, { ...read, schema: plain });
  return plain;
}

/** Which resource each dynamic name leads to, of those that several resources have: the outermost that was entered on the way. */
interface Scope {
  key: string;
  chosen: ReadonlyMap<string, SchemaResource>;
}

class Rewriting {
  readonly #resources: SchemaResources;
  /** names of which what they lead to depends on the way */
  readonly #ambiguous: ReadonlySet<string>;
  readonly #empty: Scope = { key: '', chosen: new Map() };
  readonly #scopes = new Map([['', this.#empty]]);
  readonly #ownScopes = new Map<SchemaResource, Scope>();
  readonly #entered = new Map<Scope, Map<SchemaResource, Scope>>();
  readonly #slips: SchemaNote[] = [];
  readonly #refused: SchemaNote[] = [];
  /** by resource and scope */
  readonly #copies = new Map<string, string>();
  readonly #waiting: { name: string; resource: SchemaResource; scope: Scope }[] = [];
  readonly #taken: ReadonlySet<string>;
  #left = MOST_ADDED;

  constructor(resources: SchemaResources) {
    this.#resources = resources;
    const counts = new Map<string, number>();
    for (const { dynamic } of resources.all) for (const name of dynamic.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
    const isFixed = (name: string): boolean => resources.root.dynamic.has(name);
    const ambiguous = [...counts].flatMap(([name, count]) => (count > 1 && !isFixed(name) ? [name] : []));
    if (ambiguous.length > MOST_NAMES) this.#refuse();
    this.#ambiguous = new Set(ambiguous.slice(0, MOST_NAMES));
    const { $defs } = resources.root.node;
    this.#taken = new Set(isJsonObject($defs) ? Object.keys($defs) : []);
  }

  rewrite(): PlainSchema {
    const written = this.#write(this.#resources.root.node, '', this.#empty);
    const added: [name: string, copy: JsonObject][] = [];
    // writing one may ask for another
    for (const { name, resource, scope } of this.#waiting) added.push([name, this.#write(resource.node, null, scope)]);
    const { $defs } = written;
    const definitions = { ...(isJsonObject($defs) ? $defs : {}), ...Object.fromEntries(added) };
    return {
      schema: added.length > 0 ? { ...written, $defs: definitions } : written,
      slips: this.#slips,
      refused: this.#refused,
      added: added.map(([name]) => `/$defs/${name}`),
    };
  }

  /** `place`: in the document; null in a copy, of which nothing is noted. */
  #write(node: JsonObject, place: string | null, outer: Scope): JsonObject {
    if (place === null) this.#left -= 1;
    const resource = this.#resources.findResource(node) ?? this.#resources.root;
    const scope = resource.node === node ? this.#enter(outer, resource) : outer;
    const mapped = mapSubSchemas(node, (part, at) => this.#write(part, place === null ? null : place + at, scope));
    const { references, rest } = this.#takeReferences(node, mapped, { place, resource, scope });
    const [$ref, ...others] = references;
    if ($ref === undefined) return rest;
    if (others.length === 0) return { ...rest, $ref };
    const allOf: readonly unknown[] = Array.isArray(rest['allOf']) ? rest['allOf'] : [];
    return { ...rest, $ref, allOf: [...allOf, ...others.map((other) => ({ $ref: other }))] };
  }

  /** What a node refers to, and the node without that, and without the names by which it was referred to. */
  #takeReferences(
    node: JsonObject,
    mapped: JsonObject,
    { place, resource, scope }: { place: string | null; resource: SchemaResource; scope: Scope },
  ): { references: string[]; rest: JsonObject } {
    const gone = new Set<string>(ANCHORS);
    const id = node === this.#resources.root.node ? undefined : this.#resources.findIdKeyword(node);
    if (id !== undefined) gone.add(id);
    const references = listReferences(node).flatMap(({ keyword, reference }) => {
      const target = this.#resources.find(reference, resource);
      if (!target) return [];
      if (!target.isStrict && place !== null) this.#slips.push({ pointer: `${place}/${keyword}`, keyword, reason: OTHERWISE });
      gone.add(keyword);
      return [writePointer(this.#findPlace(keyword, reference, target, scope))];
    });
    return { references, rest: Object.fromEntries(Object.entries(mapped).filter(([key]) => !gone.has(key))) };
  }

  #findPlace(keyword: string, reference: string, target: ReferenceTarget, scope: Scope): string {
    const { resource } = target;
    const name = keyword === '$dynamicRef' ? reference.slice(reference.indexOf('#') + 1) : RECURSIVE;
    const mayMove = keyword !== '$ref' && resource.dynamic.get(name)?.node === target.value;
    if (!mayMove) return this.#findPlaceIn(resource, target.place, scope);
    const { root } = this.#resources;
    const chosen = root.dynamic.has(name) ? root : (scope.chosen.get(name) ?? resource);
    return this.#findPlaceIn(chosen, chosen.dynamic.get(name)?.place ?? target.place, scope);
  }

  /** Where that stands which is at a place of a resource, as it reads for who comes with a scope. */
  #findPlaceIn(resource: SchemaResource, place: string, from: Scope): string {
    const scope = this.#enter(from, resource);
    if (scope === this.#getOwnScope(resource)) return place;
    const key = JSON.stringify([resource.place, scope.key]);
    const copy = this.#copies.get(key) ?? this.#addCopy(key, resource, scope);
    return `/$defs/${copy}${place.slice(resource.place.length)}`;
  }

  #addCopy(key: string, resource: SchemaResource, scope: Scope): string {
    let name = `dynamic-${this.#copies.size + 1}`;
    while (this.#taken.has(name)) name += '_';
    this.#copies.set(key, name);
    if (this.#left > 0) this.#waiting.push({ name, resource, scope });
    else this.#refuse();
    return name;
  }

  #refuse(): void {
    const reason = 'a schema has dynamic references that lead to too many different places';
    if (this.#refused.length === 0) this.#refused.push({ pointer: '', keyword: '$dynamicRef', reason });
  }

  #enter(scope: Scope, resource: SchemaResource): Scope {
    const entered = this.#entered.get(scope) ?? new Map<SchemaResource, Scope>();
    this.#entered.set(scope, entered);
    const before = entered.get(resource);
    if (before) return before;
    const names = [...resource.dynamic.keys()].filter((name) => this.#ambiguous.has(name) && !scope.chosen.has(name));
    const made =
      names.length === 0 ? scope : this.#makeScope([...scope.chosen, ...names.map((name) => [name, resource] as const)]);
    entered.set(resource, made);
    return made;
  }

  /** For one choice always the same. */
  #makeScope(chosen: readonly (readonly [name: string, resource: SchemaResource])[]): Scope {
    const key = JSON.stringify(chosen.map(([name, { place }]) => `${name} ${place}`).toSorted());
    const scope = this.#scopes.get(key) ?? { key, chosen: new Map(chosen) };
    this.#scopes.set(key, scope);
    return scope;
  }

  /** In which a resource is written where it stands. */
  #getOwnScope(resource: SchemaResource): Scope {
    const before = this.#ownScopes.get(resource);
    if (before) return before;
    const scope = this.#enter(resource.outer ? this.#getOwnScope(resource.outer) : this.#empty, resource);
    this.#ownScopes.set(resource, scope);
    return scope;
  }
}

const ANCHORS = ['$anchor', '$dynamicAnchor', '$recursiveAnchor'];
const OTHERWISE =
  'it leads nowhere from where it stands, and is read as a reference of the schema around it or to a name of another draft';

/** The reference to a place in the same document, by its JSON pointer. */
export function writePointer(place: string): string {
  return `#${encodeURI(place.toWellFormed()).replaceAll('#', '%23')}`;
}
