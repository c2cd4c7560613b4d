import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { RestBody, type RestOperation } from '@gatehouse/policy/documents/rest-operation';

import { readObject, type OpenapiDocument, readText, Unmappable } from './document.ts';

/** The argument that carries the request body, always. */
const BODY_ARGUMENT = 'body';

export interface ReadBody {
  body: RestBody;
  schema: unknown;
  description: string | undefined;
  required: boolean;
}

const KINDS = [
  ['json', (type: string) => type === 'application/json'],
  ['json', (type: string) => /^[a-z]+\/[a-z0-9.+-]*\+json$/.test(type)],
  ['form', (type: string) => type === 'application/x-www-form-urlencoded'],
  ['text', (type: string) => type === 'text/plain'],
  ['text', (type: string) => type.startsWith('text/')],
] as const;

/** The request body in the first form that can be sent: JSON, a form, text. Null when there is none. Throws Unmappable. */
export function readBody(document: OpenapiDocument, operation: JsonObject): ReadBody | null {
  if (operation['requestBody'] === undefined) return null;
  const raw = document.resolve(operation['requestBody']);
  const types = Object.entries(readObject(raw, 'content')).map(
    ([type, media]) => [normalizeMediaType(type), isJsonObject(media) ? media : {}] as const,
  );
  if (types.length === 0) return null;
  const required = raw['required'] === true;
  for (const [kind, matches] of KINDS) {
    const found = types.find(([type]) => matches(type));
    if (!found) continue;
    const [mediaType, media] = found;
    const body = RestBody.safeParse({ argument: BODY_ARGUMENT, kind, mediaType });
    if (!body.success) continue;
    const schema = kind === 'text' ? { type: 'string' } : (media['schema'] ?? true);
    if (kind === 'form') requireFormObject(document, schema);
    return { body: body.data, schema, description: readText(raw, 'description'), required };
  }
  const listed = types.map(([type]) => type.slice(0, 60)).join(', ');
  throw new Unmappable(`its body is ${listed}, and only JSON, form and text bodies are sent`);
}

function requireFormObject(document: OpenapiDocument, schema: unknown): void {
  if (isJsonObject(schema) && document.resolve(schema)['type'] === 'object') return;
  throw new Unmappable('its form body is not described as an object');
}

export interface ReadResponses {
  kinds: RestOperation['responses'];
  /** of the one JSON object that every success answers with; undefined when successes differ or are no objects */
  objectSchema: JsonObject | undefined;
}

/** What the described successes look like. A response that cannot be read says nothing. */
export function readResponses(document: OpenapiDocument, operation: JsonObject): ReadResponses {
  const successes = Object.entries(readObject(operation, 'responses')).filter(([status]) => /^2(?:\d\d|XX)$/i.test(status));
  const kinds = new Set<RestOperation['responses'][number]>();
  const schemas: unknown[] = [];
  for (const [, value] of successes) {
    const media = Object.entries(readObject(resolveOrEmpty(document, value), 'content'));
    if (media.length === 0) kinds.add('empty');
    for (const [type, each] of media) {
      const kind = getResponseKind(normalizeMediaType(type));
      kinds.add(kind === 'audio' ? 'other' : kind);
      if (kind === 'json') schemas.push(isJsonObject(each) ? each['schema'] : undefined);
    }
  }
  const [schema] = schemas;
  const isAlone = kinds.size === 1 && kinds.has('json') && schemas.length === 1;
  const isObject = isAlone && isJsonObject(schema) && resolveOrEmpty(document, schema)['type'] === 'object';
  return { kinds: [...kinds].toSorted(), objectSchema: isObject ? schema : undefined };
}

function resolveOrEmpty(document: OpenapiDocument, value: unknown): JsonObject {
  try {
    return document.resolve(value);
  } catch (error) {
    if (error instanceof Unmappable) return {};
    throw error;
  }
}

/** A media type in lower case without its parameters. */
export function normalizeMediaType(type: string): string {
  return (type.split(';')[0] ?? '').trim().toLowerCase();
}

/** What kind of answer a media type stands for. */
export function getResponseKind(mediaType: string): 'json' | 'text' | 'image' | 'audio' | 'other' {
  if (mediaType === 'application/json' || mediaType.endsWith('+json')) return 'json';
  if (/^image\/(?:png|jpeg|gif|webp)$/.test(mediaType)) return 'image';
  if (/^audio\/[a-z0-9.+-]+$/.test(mediaType)) return 'audio';
  const isText =
    mediaType.startsWith('text/') ||
    /^application\/(?:xml|yaml|x-yaml|toml|x-ndjson|javascript)$/.test(mediaType) ||
    mediaType.endsWith('+xml');
  return isText ? 'text' : 'other';
}
