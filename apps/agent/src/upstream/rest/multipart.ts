import { randomUUID } from 'node:crypto';

import { isExactNumber } from '@gatehouse/policy/documents/exact-number';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { type RestField, SentMediaType } from '@gatehouse/policy/documents/rest-operation';

import { ArgumentRefused, encodeScalar, requireWellFormed } from './argument-refused.ts';
import type { EncodedBody } from './encode-body.ts';

interface Part {
  name: string;
  /** null: no file */
  fileName: string | null;
  /** null: the part says none, so it is text */
  mediaType: string | null;
  headers: readonly { name: string; value: string }[];
  bytes: Buffer;
}

/**
 * The parts that the members of a body make: a list is a part for each item, an object is JSON, a file is the bytes that its base64 stands for.
 * Nulls are left out. Throws ArgumentRefused.
 */
export function listParts(argument: string, value: JsonObject, fields: ReadonlyMap<string, RestField>): Part[] {
  return Object.entries(value).flatMap(([name, member]) => {
    if (member === null) return [];
    requireWellFormed(argument, name);
    const field = fields.get(name);
    const isWhole = field?.kind === 'json' || !Array.isArray(member);
    const values = isWhole ? [member] : (member as unknown[]);
    return values.map((each) => toPart(argument, name, each, field));
  });
}

function toPart(argument: string, name: string, value: unknown, field: RestField | undefined): Part {
  if (field?.kind === 'file') return toFilePart(argument, value, field);
  const isJson = field?.kind === 'json' || (field === undefined && typeof value === 'object' && !isExactNumber(value));
  const named = field?.kind === 'json' || field?.kind === 'text' ? field : undefined;
  return {
    name,
    fileName: null,
    mediaType: named?.mediaType ?? (isJson ? 'application/json' : null),
    headers: named?.headers ?? [],
    bytes: Buffer.from(isJson ? JSON.stringify(value) : encodeScalar(argument, value)),
  };
}

/** A file is its base64, or an object that also says its name and media type. One without a name is called as its member: servers take no part without for a file. */
function toFilePart(argument: string, value: unknown, field: Extract<RestField, { kind: 'file' }>): Part {
  const { data, filename, mediaType }: JsonObject = isJsonObject(value) ? value : { data: value };
  const said = SentMediaType.optional().safeParse(mediaType);
  if (!said.success) throw new ArgumentRefused(`"${argument}" holds a file whose media type is none.`);
  if (filename !== undefined && typeof filename !== 'string')
    throw new ArgumentRefused(`"${argument}" holds a file whose name is no text.`);
  return {
    name: field.name,
    fileName: requireWellFormed(argument, filename ?? field.name),
    mediaType: said.data ?? field.mediaType,
    headers: field.headers ?? [],
    bytes: decodeBase64(argument, data),
  };
}

/** The bytes of a base64 text, also in the alphabet for URLs and without padding. Throws ArgumentRefused for any other. */
export function decodeBase64(argument: string, value: unknown): Buffer {
  if (typeof value === 'string' && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) {
    const length = value.replace(/=+$/, '').length;
    if (length % 4 !== 1) return Buffer.from(value, 'base64');
  }
  throw new ArgumentRefused(`"${argument}" must hold a file as base64.`);
}

/** The parts as one body (RFC 7578), behind a boundary that nobody can know before. */
export function encodeMultipart(mediaType: string, parts: readonly Part[]): EncodedBody {
  const boundary = `gatehouse-${randomUUID()}`;
  const pieces = parts.flatMap((part) => [
    Buffer.from(`--${boundary}\r\n${writePartHead(part)}\r\n\r\n`),
    part.bytes,
    Buffer.from('\r\n'),
  ]);
  return {
    bytes: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
    contentType: `${mediaType}; boundary=${boundary}`,
  };
}

function writePartHead({ name, fileName, mediaType, headers }: Part): string {
  const file = fileName === null ? '' : `; filename="${escapeQuoted(fileName)}"`;
  return [
    `Content-Disposition: form-data; name="${escapeQuoted(name)}"${file}`,
    ...(mediaType === null ? [] : [`Content-Type: ${mediaType}`]),
    ...headers.map((header) => `${header.name}: ${header.value}`),
  ].join('\r\n');
}

/** As browsers write it (HTML, multipart form data), with every other control character encoded too: nothing ends the name or the line. */
function escapeQuoted(text: string): string {
  return text.replaceAll(/["\p{Cc}\u2028\u2029]/gu, encodeURIComponent);
}
