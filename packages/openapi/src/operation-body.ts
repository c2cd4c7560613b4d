import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { RestBody, type RestOperation } from '@gatehouse/policy/documents/rest-operation';

import { makeFileSchema, readFields } from './body-fields.ts';
import { readObject, type OpenapiDocument, readText, showName, Unmappable } from './document.ts';
import { getResponseKind, normalizeMediaType } from './media-type.ts';

/** The argument that carries the request body, always. */
const BODY_ARGUMENT = 'body';

export interface ReadBody {
  body: RestBody;
  schema: unknown;
  description: string | undefined;
  required: boolean;
  /** what a caller may expect of it and does not get, in sentences */
  warnings: string[];
}

/** In the order in which they are chosen. */
const KINDS = [
  ['json', (type: string) => type === 'application/json'],
  ['json', (type: string) => /^[a-z]+\/[a-z0-9.+-]*\+json$/.test(type)],
  ['form', (type: string) => type === 'application/x-www-form-urlencoded'],
  ['text', (type: string) => type === 'text/plain'],
  ['text', (type: string) => type.startsWith('text/')],
  ['multipart', (type: string) => type === 'multipart/form-data'],
  ['text', (type: string) => getResponseKind(type) === 'text'],
  ['binary', (type: string) => !type.startsWith('multipart/') && !type.includes('*')],
] as const;

interface Media {
  type: string;
  media: JsonObject;
}

/**
 * The request body in the first form that can be sent: JSON, a form, text, parts, bytes. Null when there is none. Throws Unmappable with what
 * is not sent, and where.
 */
export function readBody(document: OpenapiDocument, operation: JsonObject): ReadBody | null {
  if (operation['requestBody'] === undefined) return null;
  const raw = document.resolve(operation['requestBody']);
  const medias = Object.entries(readObject(raw, 'content')).map(([type, media]): Media => {
    const resolved = resolveOrEmpty(document, media);
    return { type: nameAnyType(document, normalizeMediaType(type), resolved), media: resolved };
  });
  if (medias.length === 0) return null;
  for (const [kind, matches] of KINDS) {
    const found = medias.find(({ type }) => matches(type));
    const body = found && RestBody.safeParse({ argument: BODY_ARGUMENT, kind, mediaType: found.type });
    if (!found || !body?.success) continue;
    if (found.media['schema'] === undefined && found.media['itemSchema'] !== undefined)
      throw new Unmappable('its body is described item by item (itemSchema), as a stream, and no stream is sent');
    const { fields, schema, warnings } = readContent(document, kind, found);
    const others = medias.length > 1 ? [`Its body can be sent as ${listTypes(medias)}: it is sent as ${found.type}.`] : [];
    return {
      body: fields.length > 0 ? { ...body.data, fields } : body.data,
      schema,
      description: readText(raw, 'description'),
      required: raw['required'] === true,
      warnings: [...others, ...warnings],
    };
  }
  throw new Unmappable(
    `its body is ${listTypes(medias)}, and only JSON, forms, text, multipart/form-data and files of one media type are sent`,
  );
}

function listTypes(medias: readonly Media[]): string {
  return medias.map(({ type }) => showName(type)).join(', ');
}

/** Any type at all is JSON where an object or a list is described, else bytes. */
function nameAnyType(document: OpenapiDocument, type: string, media: JsonObject): string {
  if (type !== '*/*') return type;
  const schema = resolveOrEmpty(document, media['schema']);
  const isData = schema['type'] === 'object' || schema['type'] === 'array' || isJsonObject(schema['properties']);
  return isData ? 'application/json' : 'application/octet-stream';
}

function readContent(
  document: OpenapiDocument,
  kind: RestBody['kind'],
  { type, media }: Media,
): { fields: NonNullable<RestBody['fields']>; schema: unknown; warnings: string[] } {
  switch (kind) {
    case 'json':
      return { fields: [], schema: media['schema'] ?? true, warnings: [] };
    case 'text':
      return { fields: [], schema: { type: 'string' }, warnings: [] };
    case 'binary':
      return { fields: [], schema: makeFileSchema(type), warnings: [] };
    case 'form':
    case 'multipart':
      return readFields(document, kind, media);
  }
}

export interface ReadResponses {
  kinds: RestOperation['responses'];
  /** of the one JSON object that every success answers with; undefined when successes differ or are no objects */
  objectSchema: JsonObject | undefined;
  warnings: string[];
}

/** What the described successes look like. A response that cannot be read says nothing. */
export function readResponses(document: OpenapiDocument, operation: JsonObject): ReadResponses {
  const all = Object.entries(readObject(operation, 'responses'));
  const named = all.filter(([status]) => /^2(?:\d\d|XX)$/i.test(status));
  // who describes no success on its own describes it with everything else
  const successes = named.length > 0 ? named : all.filter(([status]) => status === 'default');
  const warnings = new Set<string>();
  const kinds = new Set<RestOperation['responses'][number]>();
  const schemas: unknown[] = [];
  for (const [, value] of successes) {
    const media = Object.entries(readObject(resolveOrEmpty(document, value), 'content'));
    if (media.length === 0) kinds.add('empty');
    for (const [type, each] of media) {
      const kind = getResponseKind(normalizeMediaType(type));
      kinds.add(kind === 'audio' ? 'other' : kind);
      const content = resolveOrEmpty(document, each);
      if (content['itemSchema'] !== undefined)
        warnings.add(
          'Its answer is described item by item (itemSchema), as a stream: it is passed on as one text, when it has ended.',
        );
      if (kind === 'json') schemas.push(content['schema']);
    }
  }
  const [schema] = schemas;
  const isAlone = kinds.size === 1 && kinds.has('json') && schemas.length === 1;
  const isObject = isAlone && isJsonObject(schema) && resolveOrEmpty(document, schema)['type'] === 'object';
  return { kinds: [...kinds].toSorted(), objectSchema: isObject ? schema : undefined, warnings: [...warnings] };
}

function resolveOrEmpty(document: OpenapiDocument, value: unknown): JsonObject {
  try {
    return document.resolve(value);
  } catch (error) {
    if (error instanceof Unmappable) return {};
    throw error;
  }
}
