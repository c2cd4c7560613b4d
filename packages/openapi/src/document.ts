import { decodeReferenceSegment, findMember } from '@gatehouse/policy/curation/schema-reference';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

/** Why a part of a description cannot be used; words for a person, after "because". */
export class Unmappable extends Error {
  override readonly name = 'Unmappable';
}

const MAX_HOPS = 16;

/** A parsed OpenAPI description in which references are looked up. Nothing outside of it is ever read. */
export class OpenapiDocument {
  readonly root: JsonObject;
  /** 3.0 has a schema dialect of its own; from 3.1 on it is JSON Schema 2020-12 */
  readonly isOldDialect: boolean;

  constructor(root: JsonObject, isOldDialect: boolean) {
    this.root = root;
    this.isOldDialect = isOldDialect;
  }

  /** What a `$ref` points to. Throws Unmappable when it leads out of the document or nowhere. */
  lookUp(reference: string): unknown {
    if (!reference.startsWith('#')) throw new Unmappable('it refers to another document, and nothing is fetched');
    const fragment = reference.slice(1);
    if (fragment !== '' && !fragment.startsWith('/')) throw new Unmappable('it uses a named anchor');
    let current: unknown = this.root;
    for (const segment of fragment.split('/').slice(1)) {
      const key = decodeReferenceSegment(segment);
      current = findMember(current, key);
      if (current === undefined) throw new Unmappable(`it refers to ${reference.slice(0, 120)}, which is not in the description`);
    }
    return current;
  }

  /** The object itself, or what its `$ref` leads to. Throws Unmappable for a loop and for anything that is no object. */
  resolve(value: unknown): JsonObject {
    let current = value;
    for (let hop = 0; hop < MAX_HOPS; hop += 1) {
      if (!isJsonObject(current)) throw new Unmappable('a part of it is not an object');
      if (typeof current['$ref'] !== 'string') return current;
      current = this.lookUp(current['$ref']);
    }
    throw new Unmappable('its references go in a circle');
  }
}

/** A text member, or undefined. */
export function readText(value: JsonObject, key: string): string | undefined {
  const text = value[key];
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined;
}

/** An object member; an empty object when there is none. */
export function readObject(value: JsonObject, key: string): JsonObject {
  const member = value[key];
  return isJsonObject(member) ? member : {};
}

/** A list member; empty when there is none. */
export function readList(value: JsonObject, key: string): unknown[] {
  const member = value[key];
  return Array.isArray(member) ? member : [];
}

/** The base URLs that a description, a path or an operation names, as they stand there, with the defaults of their variables. */
export function readServers(value: JsonObject): string[] {
  const urls = readList(value, 'servers').map((server) => {
    if (!isJsonObject(server)) return '';
    const variables = readObject(server, 'variables');
    return (readText(server, 'url') ?? '').replaceAll(/\{([^{}]+)\}/g, (variable, name: string) => {
      const described = Object.hasOwn(variables, name) ? variables[name] : undefined;
      return (isJsonObject(described) ? readText(described, 'default') : undefined) ?? variable;
    });
  });
  return urls.filter((url) => url !== '' && url.length <= 2_048).slice(0, 20);
}

/** A name for a sentence: cut, with what cannot be seen shown as `?`. */
export function showName(name: string): string {
  return name.slice(0, 60).toWellFormed().replaceAll(/\p{C}/gu, '?');
}
