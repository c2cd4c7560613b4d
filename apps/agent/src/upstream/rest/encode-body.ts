import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { RestBody, RestField } from '@gatehouse/policy/documents/rest-operation';

import { writeMember } from '../../wire/json-text.ts';
import { ArgumentRefused, encodeScalar, requireWellFormed } from './argument-refused.ts';
import { encodeStyled } from './encode-styled.ts';
import { decodeBase64, encodeMultipart, listParts } from './multipart.ts';

export interface EncodedBody {
  bytes: string | Buffer;
  contentType: string;
}

/** The body of a request as it is sent, out of the arguments of a call, with its Content-Type. Throws ArgumentRefused. */
export function encodeBody(body: RestBody, args: JsonObject): EncodedBody {
  const { kind, argument, mediaType } = body;
  const value = args[argument];
  const inUtf8 = `${mediaType}; charset=utf-8`;
  switch (kind) {
    case 'json':
      return { bytes: writeMember(args, argument), contentType: mediaType };
    case 'text':
      if (typeof value === 'string') return { bytes: requireWellFormed(argument, value), contentType: inUtf8 };
      throw new ArgumentRefused(`"${argument}" must be a text.`);
    case 'binary':
      return { bytes: decodeBase64(argument, value), contentType: mediaType };
    case 'form':
      return { bytes: encodeForm(body, requireObject(argument, value)), contentType: inUtf8 };
    case 'multipart':
      return encodeMultipart(mediaType, listParts(argument, requireObject(argument, value), indexFields(body)));
  }
}

function requireObject(argument: string, value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  throw new ArgumentRefused(`"${argument}" must be an object.`);
}

function indexFields({ fields = [] }: RestBody): ReadonlyMap<string, RestField> {
  return new Map(fields.map((field) => [field.name, field]));
}

function encodeForm(body: RestBody, value: JsonObject): string {
  const { argument } = body;
  const fields = indexFields(body);
  const pairs = Object.entries(value).flatMap(([name, member]) => {
    if (member === null) return [];
    const key = requireWellFormed(argument, name);
    const field = fields.get(name);
    if (field?.kind === 'styled') {
      // its members would stand beside those of the form, under names that nobody declared there
      if (isJsonObject(member) && field.style === 'form' && field.explode)
        throw new ArgumentRefused(`"${argument}" holds an object that has no name of its own in a form.`);
      return encodeStyled(argument, key, member, field, encodeFormText);
    }
    const texts = field?.kind === 'json' ? [JSON.stringify(member)] : listTexts(argument, member);
    return texts.map((text) => `${encodeFormText(key)}=${encodeFormText(text)}`);
  });
  return pairs.join('&');
}

/** OpenAPI's default for forms: a list is repeated, an object is sent as JSON. */
function listTexts(argument: string, member: unknown): string[] {
  const values = Array.isArray(member) ? (member as unknown[]) : [member];
  return values.map((each) => (typeof each === 'object' ? JSON.stringify(each) : encodeScalar(argument, each)));
}

/** As forms encode it: a space is a plus. */
function encodeFormText(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
