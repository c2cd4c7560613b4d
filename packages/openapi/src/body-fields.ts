import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { FixedHeader, MAX_FIELDS, type RestBody, RestField, SentMediaType } from '@gatehouse/policy/documents/rest-operation';

import { readObject, readText, showName, type OpenapiDocument, Unmappable } from './document.ts';
import { getResponseKind, normalizeMediaType } from './media-type.ts';

const MAX_PARTS = 500;
const ANYTHING: JsonObject = { type: ['string', 'number', 'boolean'] };
const BASE64 = { type: 'string', contentEncoding: 'base64' };
/** What an argument is for a file: its base64, or that with a name and a media type. */
const FILE = {
  anyOf: [
    { ...BASE64, description: 'The file, as base64' },
    {
      type: 'object',
      properties: {
        data: { ...BASE64, description: 'The file, as base64' },
        filename: { type: 'string' },
        mediaType: { type: 'string', description: 'For example image/png' },
      },
      required: ['data'],
      additionalProperties: false,
    },
  ],
};

interface ReadFields {
  fields: NonNullable<RestBody['fields']>;
  /** of the argument: files stand as base64 in it */
  schema: unknown;
  warnings: string[];
}

/**
 * How the members of a form or multipart body are sent, by its `encoding` and their schemas. Throws Unmappable for one that has a described form
 * which is not sent.
 */
export function readFields(document: OpenapiDocument, kind: 'form' | 'multipart', media: JsonObject): ReadFields {
  const schema = media['schema'] ?? { type: 'object' };
  const members = collectMembers(document, schema);
  const encodings = readObject(media, 'encoding');
  if (media['prefixEncoding'] !== undefined || media['itemEncoding'] !== undefined)
    throw new Unmappable('its body describes its parts by their order (prefixEncoding, itemEncoding)');
  const warnings: string[] = [];
  const fields: RestField[] = [];
  for (const name of new Set([...members.keys(), ...Object.keys(encodings)])) {
    const member = { name, schema: members.get(name), encoding: resolveObject(document, encodings[name]) };
    const field = kind === 'form' ? readFormField(document, member) : readPart(document, member, warnings);
    if (field === null) continue;
    const parsed = RestField.safeParse(field);
    if (!parsed.success) throw new Unmappable(`the member "${showName(name)}" of its body has a name that nothing is sent under`);
    fields.push(parsed.data);
  }
  if (fields.length > MAX_FIELDS) throw new Unmappable(`its body has more than ${MAX_FIELDS} members with a form of their own`);
  const files = fields.flatMap((field) => (field.kind === 'file' ? [field.name] : []));
  return { fields, schema: files.length === 0 ? schema : withFiles(document, schema, files), warnings };
}

interface Member {
  name: string;
  schema: unknown;
  encoding: JsonObject;
}

/** Null: it is sent as by default. */
function readFormField(document: OpenapiDocument, { name, schema, encoding }: Member): unknown {
  const what = `the member "${showName(name)}" of its form`;
  const style = readText(encoding, 'style');
  if (style !== undefined || encoding['explode'] !== undefined || encoding['allowReserved'] !== undefined) {
    if (style !== undefined && !/^(?:form|deepObject|spaceDelimited|pipeDelimited)$/.test(style))
      throw new Unmappable(`${what} has the style ${showName(style)}`);
    const explode = encoding['explode'] === undefined ? (style ?? 'form') === 'form' : encoding['explode'] === true;
    if ((style ?? 'form') === 'form' && explode && resolveObject(document, schema)['type'] === 'object')
      throw new Unmappable(`${what} is an object that is sent without a name of its own (form, explode)`);
    const reserved = encoding['allowReserved'] === true ? { allowReserved: true } : {};
    return { kind: 'styled', name, style: style ?? 'form', explode: explode || style === 'deepObject', ...reserved };
  }
  const mediaType = readPartType(what, encoding);
  if (mediaType === null || isTextType(mediaType)) return null;
  if (getResponseKind(mediaType) === 'json') return { kind: 'json', name };
  throw new Unmappable(`${what} is ${mediaType}`);
}

function readPart(document: OpenapiDocument, { name, schema, encoding }: Member, warnings: string[]): unknown {
  const what = `the part "${showName(name)}" of its body`;
  if (readText(encoding, 'style') !== undefined) throw new Unmappable(`${what} has a style`);
  const mediaType = readPartType(what, encoding);
  const headers = readHeaders(document, what, encoding, warnings);
  const own = { name, ...(headers.length > 0 ? { headers } : {}) };
  // true says nothing either, but was never meant as a file
  const resolved = resolveObject(document, isJsonObject(schema) ? schema : ANYTHING);
  const item = resolved['type'] === 'array' ? resolveObject(document, resolved['items'] ?? ANYTHING) : resolved;
  if (isFile(document, item, mediaType)) return { kind: 'file', ...own, mediaType: mediaType ?? readContentType(item) };
  const isObject = item['type'] === 'object' || isJsonObject(item['properties']);
  if (mediaType === null) return headers.length > 0 ? { kind: isObject ? 'json' : 'text', ...own } : null;
  if (getResponseKind(mediaType) === 'json') return { kind: 'json', ...own, mediaType };
  if (isObject) throw new Unmappable(`${what} is an object as ${mediaType}`);
  return { kind: 'text', ...own, mediaType };
}

/** Bytes, by their format (of 3.0, but found everywhere), by a media type of their own, or from 3.1 on by no description at all. */
function isFile(document: OpenapiDocument, schema: JsonObject, mediaType: string | null): boolean {
  const { type, format, contentEncoding, contentMediaType } = schema;
  if (contentEncoding !== undefined || (type !== undefined && type !== 'string')) return false;
  if (format === 'binary' || typeof contentMediaType === 'string') return true;
  const isComposed = Object.keys(schema).some((key) => /^(?:allOf|anyOf|oneOf|properties|enum|const)$/.test(key));
  const isUndescribed = Object.keys(schema).every((key) => key === 'title' || key === 'description');
  if (mediaType === null) return isUndescribed && !document.isOldDialect;
  return !isComposed && /^(?:image|audio|other)$/.test(getResponseKind(mediaType));
}

function readContentType(schema: JsonObject): string {
  const type = normalizeMediaType(readText(schema, 'contentMediaType') ?? '');
  return SentMediaType.safeParse(type).success && !type.includes('*') ? type : 'application/octet-stream';
}

/** The first of the media types that an encoding allows; null when it names none. A range stands for bytes of any kind. */
function readPartType(what: string, encoding: JsonObject): string | null {
  const listed = (readText(encoding, 'contentType') ?? '').split(',').map(normalizeMediaType);
  const [first = ''] = listed.filter((type) => type !== '');
  if (first === '') return null;
  if (first.includes('*')) return listed.find((type) => type !== '' && !type.includes('*')) ?? 'application/octet-stream';
  if (!SentMediaType.safeParse(first).success) throw new Unmappable(`${what} has a content type that is none`);
  return first;
}

function isTextType(mediaType: string): boolean {
  return getResponseKind(mediaType) === 'text';
}

/** Only headers whose value the description says are sent: there is no argument for another. */
function readHeaders(document: OpenapiDocument, what: string, encoding: JsonObject, warnings: string[]) {
  return Object.entries(readObject(encoding, 'headers')).flatMap(([name, raw]) => {
    if (/^content-(?:type|disposition)$/i.test(name)) return [];
    const header = resolveObject(document, raw);
    const schema = resolveObject(document, header['schema']);
    const values: unknown = schema['enum'];
    const value = schema['const'] ?? (Array.isArray(values) && values.length === 1 ? (values[0] as unknown) : schema['default']);
    const fixed = FixedHeader.safeParse({ name, value });
    if (fixed.success) return [fixed.data];
    const problem = `${what} has the header "${showName(name)}", whose value is not described`;
    if (header['required'] === true) throw new Unmappable(problem);
    warnings.push(`${problem[0]?.toUpperCase()}${problem.slice(1)}: it is not sent.`);
    return [];
  });
}

/** The members that a body declares, alternatives included. Throws Unmappable when it is no object. */
function collectMembers(document: OpenapiDocument, schema: unknown): Map<string, unknown> {
  const members = new Map<string, unknown>();
  const seen = new Set<unknown>();
  const waiting = [schema];
  for (const part of waiting) {
    const resolved = isJsonObject(part) ? document.resolve(part) : {};
    if (seen.has(resolved) || seen.size > MAX_PARTS) continue;
    seen.add(resolved);
    const { type } = resolved;
    const inPlace = ['allOf', 'anyOf', 'oneOf'].flatMap((key): unknown[] => (Array.isArray(resolved[key]) ? resolved[key] : []));
    const isObject = type === 'object' || (type === undefined && (inPlace.length > 0 || isJsonObject(resolved['properties'])));
    if (!isObject) throw new Unmappable('its form body is not described as an object');
    for (const [name, each] of Object.entries(readObject(resolved, 'properties')))
      if (!members.has(name)) members.set(name, each);
    waiting.push(...inPlace);
  }
  return members;
}

/** Files of alternatives keep their own schema: a text, which is their base64. */
function withFiles(document: OpenapiDocument, schema: unknown, names: readonly string[]): JsonObject {
  const resolved = document.resolve(schema);
  const properties = readObject(resolved, 'properties');
  const files = names.flatMap((name): [string, unknown][] => {
    if (!Object.hasOwn(properties, name)) return [];
    const member = document.resolve(properties[name]);
    const description = readText(member, 'description');
    const words = description === undefined ? {} : { description };
    return [[name, member['type'] === 'array' ? { ...member, items: FILE } : { ...FILE, ...words }]];
  });
  return { ...resolved, properties: { ...properties, ...Object.fromEntries(files) } };
}

/** The argument of a body that is a file. */
export function makeFileSchema(mediaType: string): JsonObject {
  return { ...BASE64, contentMediaType: mediaType };
}

function resolveObject(document: OpenapiDocument, value: unknown): JsonObject {
  return isJsonObject(value) ? document.resolve(value) : {};
}
