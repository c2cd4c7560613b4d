import { decodeReferenceSegment, findMember, listAnchors, listReferences } from '../curation/schema-reference.ts';
import { encodeSegment } from '../documents/json-pointer.ts';
import { isJsonObject, type JsonObject } from '../documents/json.ts';
import { mapSubSchemas } from './sub-schemas.ts';

/** A sub-schema, and where it stands in the document, as a JSON pointer. */
export interface SchemaPlace {
  node: JsonObject;
  place: string;
}

/** A part of a document that has an identifier of its own, by which and inside of which is referred; the whole document is one, too. */
export interface SchemaResource extends SchemaPlace {
  uri: string;
  /** the one that it stands in */
  outer: SchemaResource | null;
  anchors: Map<string, SchemaPlace>;
  /** of the anchors those that a dynamic reference looks for in whatever led to it; RECURSIVE is that of 2019-09 */
  dynamic: Map<string, SchemaPlace>;
}

/** What a reference leads to. */
export interface ReferenceTarget {
  value: unknown;
  place: string;
  resource: SchemaResource;
  /** false: by the letter it leads nowhere, and it was taken for one of the document around it, or by an identifier of an older draft */
  isStrict: boolean;
}

/** Under this name stands the root of a resource with `$recursiveAnchor`. */
export const RECURSIVE = '';

/** What relative identifiers are relative to in a document without one. */
const NO_URI = 'schema:///';
const ANCHOR = /^[^/#]+$/;

/**
 * The identifiers of a schema: `$id` (`id` of draft 04) at every depth, anchors in all their forms. What stands as data, in `enum` for example, is none. Takes time
 * in proportion to the size of the schema, which must be known not to be nested without end.
 */
export class SchemaResources {
  readonly root: SchemaResource;
  /** in the order in which they stand */
  readonly all: SchemaResource[] = [];
  /** every reference is a JSON pointer from the root of the document */
  readonly isPlain: boolean;
  readonly #byNode = new Map<JsonObject, SchemaResource>();
  readonly #byUri = new Map<string, SchemaResource>();
  /** by `id`, where the draft does not have it */
  readonly #byOtherName = new Map<string, SchemaPlace>();
  /** identified below what is no keyword: those of schemas come first */
  readonly #unsure: SchemaResource[] = [];
  readonly #isOlder: boolean;
  readonly #idKeyword: '$id' | 'id';
  #refers = false;
  #refersOtherwise = false;

  constructor(schema: JsonObject) {
    const dialect = typeof schema['$schema'] === 'string' ? schema['$schema'] : '';
    this.#isOlder = /draft-0[3-7]/.test(dialect);
    this.#idKeyword = /draft-0[34]/.test(dialect) ? 'id' : '$id';
    this.root = this.#createResource({ node: schema, place: '' }, NO_URI, null);
    this.#visit({ node: schema, place: '' }, this.root, true);
    for (const resource of this.#unsure) addTo(this.#byUri, resource.uri, resource);
    this.isPlain = !this.#refersOtherwise && (this.all.length === 1 || !this.#refers);
  }

  /** The resource that a sub-schema belongs to. */
  findResource(node: JsonObject): SchemaResource | undefined {
    return this.#byNode.get(node);
  }

  /** The keyword that gives this node an identifier, where one does. */
  findIdKeyword(node: JsonObject): string | undefined {
    // in the older drafts nothing counts beside a reference
    const isSet = this.#isOlder && node !== this.root.node && typeof node['$ref'] === 'string';
    return typeof node[this.#idKeyword] === 'string' && !isSet ? this.#idKeyword : undefined;
  }

  /** Undefined for what is not in the document. */
  find(reference: string, from: SchemaResource): ReferenceTarget | undefined {
    for (let at: SchemaResource | null = from; at; at = at.outer) {
      const found = this.#findFrom(reference, at);
      if (found) return { ...found, isStrict: found.isStrict && at === from };
    }
    return undefined;
  }

  #findFrom(reference: string, from: SchemaResource): ReferenceTarget | undefined {
    const [uri, fragment] = splitReference(reference);
    const resource = uri === '' ? from : this.#byUri.get(resolveUri(uri, from.uri));
    const start = resource ?? this.#byOtherName.get(resolveUri(uri, from.uri));
    if (!start) return undefined;
    if (fragment === '' || fragment.startsWith('/')) {
      const found = this.#walk(start, fragment.split('/').slice(1), resource ?? from);
      return found && { ...found, isStrict: resource !== undefined };
    }
    const anchored = resource?.anchors.get(fragment);
    const named = anchored ?? this.#byOtherName.get(`${resource?.uri ?? ''}#${fragment}`);
    if (!resource || !named) return undefined;
    const owner = this.#byNode.get(named.node) ?? resource;
    return { value: named.node, place: named.place, resource: owner, isStrict: anchored !== undefined };
  }

  #walk(start: SchemaPlace, segments: readonly string[], from: SchemaResource): Omit<ReferenceTarget, 'isStrict'> | undefined {
    let value: unknown = start.node;
    let resource = this.#byNode.get(start.node) ?? from;
    const place = [start.place];
    for (const segment of segments) {
      const key = decodeReferenceSegment(segment);
      const child = findMember(value, key);
      if (child === undefined) return undefined;
      value = child;
      place.push(encodeSegment(key));
      resource = (isJsonObject(child) ? this.#byNode.get(child) : undefined) ?? resource;
    }
    return { value, place: place.join('/'), resource };
  }

  #visit(here: SchemaPlace, outer: SchemaResource, isSure: boolean): void {
    const { node, place } = here;
    const resource = this.#identify(here, outer, isSure);
    this.#byNode.set(node, resource);
    for (const name of listAnchors(node)) addTo(resource.anchors, name, here);
    if (typeof node['$dynamicAnchor'] === 'string') addTo(resource.dynamic, node['$dynamicAnchor'], here);
    if (resource.node === node && node['$recursiveAnchor'] === true) addTo(resource.dynamic, RECURSIVE, here);
    for (const { keyword, reference } of listReferences(node)) {
      this.#refers = true;
      this.#refersOtherwise ||= keyword !== '$ref' || (reference !== '#' && !reference.startsWith('#/'));
    }
    mapSubSchemas(node, (part, at, isKeyword) => {
      this.#visit({ node: part, place: place + at }, resource, isSure && isKeyword);
      return part;
    });
  }

  /** The resource that the node belongs to, which may begin here. */
  #identify(here: SchemaPlace, outer: SchemaResource, isSure: boolean): SchemaResource {
    const { node } = here;
    const keyword = this.findIdKeyword(node);
    const own = keyword === undefined ? undefined : node[keyword];
    const [uri, fragment] = splitReference(typeof own === 'string' ? own : '');
    const resource = uri === '' ? outer : this.#beginResource(here, resolveUri(uri, outer.uri), outer, isSure);
    // the form of an anchor before 2019-09
    if (ANCHOR.test(fragment)) addTo(resource.anchors, fragment, here);
    const other = keyword === undefined ? node['id'] : undefined;
    if (typeof other === 'string') {
      const [name, anchor] = splitReference(other);
      addTo(this.#byOtherName, name === '' ? `${resource.uri}#${anchor}` : resolveUri(name, resource.uri), here);
    }
    return resource;
  }

  #beginResource(here: SchemaPlace, uri: string, outer: SchemaResource, isSure: boolean): SchemaResource {
    const isRoot = here.node === this.root.node;
    if (isRoot) this.root.uri = uri;
    const resource = isRoot ? this.root : this.#createResource(here, uri, outer);
    if (isSure) addTo(this.#byUri, uri, resource);
    else this.#unsure.push(resource);
    return resource;
  }

  #createResource(here: SchemaPlace, uri: string, outer: SchemaResource | null): SchemaResource {
    const resource: SchemaResource = { ...here, uri, outer, anchors: new Map(), dynamic: new Map() };
    this.all.push(resource);
    return resource;
  }
}

/** Of several of one name the first one stays. */
function addTo<T>(map: Map<string, T>, name: string, value: T): void {
  if (!map.has(name)) map.set(name, value);
}

function splitReference(reference: string): [uri: string, fragment: string] {
  const at = reference.indexOf('#');
  return at === -1 ? [reference, ''] : [reference.slice(0, at), reference.slice(at + 1)];
}

function resolveUri(uri: string, base: string): string {
  return URL.canParse(uri, base) ? new URL(uri, base).href : uri;
}
