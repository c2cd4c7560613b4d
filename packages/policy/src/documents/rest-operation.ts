import * as z from 'zod';

import { OPERATION_META } from '../compile/advertise.ts';
import { findNameFault, foldName } from '../names/parameter-name.ts';
import type { ToolDefinition } from './definition.ts';

/** Methods that are offered as tools. */
export const RestMethod = z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'QUERY']);
export type RestMethod = z.infer<typeof RestMethod>;

/** A path template below the base URL: no query, no fragment, no dot segment, nothing that a URL parser would change. */
export const PathTemplate = z
  .string()
  .max(1_000)
  .regex(/^(?:\/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|\{[^{}/?#\\]{1,100}\})*)+$/, 'has characters that a path cannot hold')
  .refine((path) => !path.split('/').some((segment) => segment === '.' || segment === '..'), 'holds a dot segment')
  .refine((path) => !path.includes('//'), 'holds an empty segment');

/** A header, or a cookie, that an argument may fill: a token of HTTP. */
export const HeaderName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/);

/** A header of a part whose value the description says. */
export const FixedHeader = z.strictObject({ name: HeaderName, value: z.string().regex(/^[\x20-\x7e]{0,200}$/) });

const Argument = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/);
const Name = z
  .string()
  .max(200)
  .refine((name) => findNameFault(name) === null, 'is a name that nothing is sent under');

/** The value is a JSON text, whatever it is, and style says nothing. What is optional here is absent in operations that do not need it. */
const content = z.literal('json').optional();
const allowReserved = z.literal(true).optional();
/** How a value that is no scalar stands in a query or a form. */
const FieldStyle = z.enum(['form', 'deepObject', 'spaceDelimited', 'pipeDelimited']);

/** One argument and the place of the request that it fills. OpenAPI's words: style, explode and allowReserved. */
export const RestParameter = z.discriminatedUnion('in', [
  z.strictObject({
    in: z.literal('path'),
    argument: Argument,
    name: Name,
    style: z.enum(['simple', 'label', 'matrix']),
    explode: z.boolean(),
    content,
  }),
  z.strictObject({
    in: z.literal('query'),
    argument: Argument,
    name: Name,
    style: FieldStyle,
    explode: z.boolean(),
    allowReserved,
    content,
  }),
  z.strictObject({
    in: z.literal('header'),
    argument: Argument,
    name: HeaderName,
    style: z.literal('simple'),
    explode: z.boolean(),
    content,
  }),
  /** one value, percent-encoded. An agent of before takes such a tool for none that it can call */
  z.strictObject({
    in: z.literal('cookie'),
    argument: Argument,
    name: HeaderName,
    style: z.literal('form'),
    explode: z.boolean(),
    content,
  }),
]);
export type RestParameter = z.infer<typeof RestParameter>;

/** Sent as Content-Type of a request or of a part of it. */
export const SentMediaType = z.string().regex(/^[A-Za-z0-9!#$&^_.+-]{1,64}\/[A-Za-z0-9!#$&^_.+-]{1,64}$/);

/** members of a body that are not sent as by default */
export const MAX_FIELDS = 200;

/** A member of a form or a multipart body that is not sent as such members are by default. */
export const RestField = z.discriminatedUnion('kind', [
  /** in a form: as a query parameter of this style */
  z.strictObject({ kind: z.literal('styled'), name: Name, style: FieldStyle, explode: z.boolean(), allowReserved }),
  /** its value as one JSON text, also of a list; `mediaType`: of the part */
  z.strictObject({
    kind: z.literal('json'),
    name: Name,
    mediaType: SentMediaType.optional(),
    headers: z.array(FixedHeader).max(20).optional(),
  }),
  /** text; `mediaType`: of the part, which says none by default */
  z.strictObject({
    kind: z.literal('text'),
    name: Name,
    mediaType: SentMediaType.optional(),
    headers: z.array(FixedHeader).max(20).optional(),
  }),
  /** base64, sent as the bytes that it stands for; each item of a list is a file */
  z.strictObject({
    kind: z.literal('file'),
    name: Name,
    mediaType: SentMediaType,
    headers: z.array(FixedHeader).max(20).optional(),
  }),
]);
export type RestField = z.infer<typeof RestField>;

/** The request body: always the one argument `argument`. */
export const RestBody = z.strictObject({
  argument: Argument,
  /** `binary`: base64, sent as the bytes that it stands for */
  kind: z.enum(['json', 'form', 'text', 'multipart', 'binary']),
  /** sent as Content-Type */
  mediaType: SentMediaType,
  /** of `form` and `multipart`; absent: every member is sent as by default */
  fields: z.array(RestField).min(1).max(MAX_FIELDS).optional(),
});
export type RestBody = z.infer<typeof RestBody>;

/** The HTTP request behind a tool: all that the agent needs beside the base URL, the credential and the arguments. */
export const RestOperation = z.strictObject({
  method: RestMethod,
  path: PathTemplate,
  parameters: z.array(RestParameter).max(100).refine(hasDistinctNames, 'two parameters have one name'),
  body: RestBody.nullable(),
  /** what a success is described to be answered with; [] when the description does not say */
  responses: z.array(z.enum(['json', 'text', 'image', 'empty', 'other'])).max(5),
});
export type RestOperation = z.infer<typeof RestOperation>;

function hasDistinctNames(parameters: readonly RestParameter[]): boolean {
  return new Set(parameters.map(toPlaceKey)).size === parameters.length;
}

/** Where a parameter is sent and under what name, as servers read it. Two parameters of one key are the same to some server. */
export function toPlaceKey({ in: place, name }: Pick<RestParameter, 'in' | 'name'>): string {
  return `${place} ${place === 'path' ? name : foldName(name)}`;
}

/** Whether the members of the body are sent under names of their own. */
export function hasNamedMembers({ kind }: RestBody): boolean {
  return kind === 'json' || kind === 'form' || kind === 'multipart';
}

/** Whether the members of a query parameter are sent under their own names, without that of the parameter. */
export function isSpread(parameter: RestParameter): boolean {
  return parameter.in === 'query' && parameter.style === 'form' && parameter.explode && parameter.content === undefined;
}

/** The operation of a tool definition; null when there is none or it is not one. */
export function findRestOperation(definition: ToolDefinition): RestOperation | null {
  const meta = definition['_meta'];
  if (typeof meta !== 'object' || meta === null || !Object.hasOwn(meta, OPERATION_META)) return null;
  const entry = Object.entries(meta).find(([key]) => key === OPERATION_META);
  const parsed = RestOperation.safeParse(entry?.[1]);
  return parsed.success ? parsed.data : null;
}

const PATH_VARIABLE = /\{([^{}]+)\}/g;

/** The names of the `{variables}` of a path, in their order. */
export function listPathVariables(path: string): string[] {
  return [...path.matchAll(PATH_VARIABLE)].map(([, name = '']) => name);
}

/** The path with `write(name)` in place of each variable. */
export function fillPath(path: string, write: (name: string) => string): string {
  return path.replaceAll(PATH_VARIABLE, (_variable, name: string) => write(name));
}

/**
 * Headers that are never filled from arguments: they steer the connection, name the host, or carry the credential. An underscore is a hyphen
 * to whoever hands headers on as variables.
 */
export function isReservedHeader(header: string): boolean {
  const name = header.replaceAll('_', '-');
  return (
    /^(?:accept|accept-encoding|authorization|connection|content-length|content-type|content-encoding|cookie2?|expect|forwarded|host|http2-settings|keep-alive|origin|referer|set-cookie2?|te|trailer|transfer-encoding|upgrade|via)$/i.test(
      name,
    ) || /^(?:mcp-|proxy-|sec-|x-forwarded-|x-http-method|x-method-override|x-original-|x-rewrite-)/i.test(name)
  );
}

/** Whether a secret may be sent in this header: one that a server reads it from, and no other that steers a request. */
export function isCredentialHeader(header: string): boolean {
  const name = header.replaceAll('_', '-');
  return !isRequestHeader(name) && (!isReservedHeader(name) || /^(?:authorization|cookie)$/i.test(name));
}

/** Whether a cookie is one that a session or a credential stands in, by its name: it is the site's to give, and no argument fills it. */
export function isSecretCookie(name: string): boolean {
  return SECRET_COOKIE.test(name.replaceAll(/[^A-Za-z0-9]/g, ''));
}

const SECRET_COOKIE =
  /sess|token|secret|passw|auth|credential|signature|csrf|xsrf|jwt|key|login|remember|^(?:sid|ssid|psid|connectsid|sso.*)$/i;

/** Whether a header may have a value that is no secret and the same in every request. */
export function isFreeHeader(header: string): boolean {
  return !isRequestHeader(header) && !isReservedHeader(header);
}

/** Headers that say how a request is sent and read: the agent writes them itself, so no credential stands in one of them. */
function isRequestHeader(header: string): boolean {
  return /^(?:accept|accept-encoding|connection|content-encoding|content-length|content-type|expect|host|http2-settings|keep-alive|last-event-id|te|trailer|transfer-encoding|upgrade|user-agent|via|mcp-.*)$/i.test(
    header.replaceAll('_', '-'),
  );
}
