import { findClashingMembers } from '@gatehouse/policy/compile/sent-names';
import { isExactNumber } from '@gatehouse/policy/documents/exact-number';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import {
  fillPath,
  isReservedHeader,
  isSecretCookie,
  type RestOperation,
  type RestParameter,
} from '@gatehouse/policy/documents/rest-operation';

import { isHeaderValue } from '../../outbound/header-value.ts';
import { ArgumentRefused, encodeScalar, requireWellFormed } from './argument-refused.ts';
import { encodeBody } from './encode-body.ts';
import { encodePathStyle, encodeStyled, listDeepLeaves } from './encode-styled.ts';

export interface RestRequest {
  method: RestOperation['method'];
  url: URL;
  /** lower-case names */
  headers: Record<string, string>;
  /** by name, percent-encoded */
  cookies: ReadonlyMap<string, string>;
  body: string | Buffer | null;
}

/**
 * The HTTP request of an operation with these arguments. Host, path depth and header names come from the configuration alone; an argument
 * only ever fills its own place, under names that no other one has; `inputSchema` says which members are declared. Throws ArgumentRefused.
 */
export function encodeRequest(baseUrl: URL, operation: RestOperation, inputSchema: JsonObject, args: JsonObject): RestRequest {
  const { parameters, body } = operation;
  const known = new Set([...parameters.map(({ argument }) => argument), ...(body ? [body.argument] : [])]);
  if (!Object.keys(args).every((name) => known.has(name)))
    throw new ArgumentRefused('There is an argument that is not declared.');
  const valueOf = ({ argument }: RestParameter): unknown => (Object.hasOwn(args, argument) ? args[argument] : undefined);
  const path = encodePath(operation, valueOf);
  requireOwnNames(operation, inputSchema, args);
  const query = parameters.flatMap((parameter) => (parameter.in === 'query' ? encodeQuery(parameter, valueOf(parameter)) : []));
  const headers = encodeHeaders(parameters, valueOf);
  const content = body && Object.hasOwn(args, body.argument) ? encodeBody(body, args) : null;
  if (content) headers['content-type'] = content.contentType;
  const cookies = encodeCookies(parameters, valueOf);
  return { method: operation.method, url: buildUrl(baseUrl, path, query), headers, cookies, body: content?.bytes ?? null };
}

/** Builds the URL and checks that a URL parser reads it exactly as it was put together. Throws ArgumentRefused. */
function buildUrl(baseUrl: URL, path: string, query: readonly string[]): URL {
  const prefix = baseUrl.pathname.replace(/\/+$/, '');
  const url = new URL(baseUrl.origin + prefix + path + (query.length > 0 ? `?${query.join('&')}` : ''));
  const isAsMeant = url.origin === baseUrl.origin && url.pathname === prefix + path && url.hash === '' && url.username === '';
  if (!isAsMeant) throw new ArgumentRefused('The path that these arguments make cannot be sent.');
  return url;
}

function encodePath(operation: RestOperation, valueOf: (parameter: RestParameter) => unknown): string {
  const byName = new Map(
    operation.parameters.flatMap((parameter) => (parameter.in === 'path' ? [[parameter.name, parameter]] : [])),
  );
  return fillPath(operation.path, (name) => {
    const parameter = byName.get(name);
    if (!parameter) throw new ArgumentRefused(`The path needs "${name}", and no argument fills it.`);
    const { argument } = parameter;
    const value = valueOf(parameter);
    if (parameter.style === 'matrix' && parameter.explode && isJsonObject(value))
      throw new ArgumentRefused(`"${argument}" has no name of its own in the path.`);
    const values = readSimpleValues(parameter, value);
    for (const each of values.flat()) requirePathSafe(argument, each);
    const text = encodePathStyle(parameter, values);
    // a dot that belongs to the style makes another one of what is none
    requirePathSafe(argument, decodeURIComponent(text));
    if (text === '' || text === '.') throw new ArgumentRefused(`"${argument}" must not be empty: it is a part of the path.`);
    return text;
  });
}

/** Refuses what a server could take for a path separator or a parent directory, also one that decodes twice. Throws ArgumentRefused. */
function requirePathSafe(argument: string, value: string): void {
  if (/[/\\]|%(?:2f|5c|2e|25|00)/i.test(value) || /^\.{1,2}(?:$|;)/.test(value)) {
    throw new ArgumentRefused(
      `"${argument}" must not hold a slash, a backslash, an encoded one, or be "." or "..": it is a part of the path.`,
    );
  }
  if (/\p{Cc}/u.test(value)) throw new ArgumentRefused(`"${argument}" must not hold control characters.`);
}

function encodeQuery(parameter: Extract<RestParameter, { in: 'query' }>, value: unknown): string[] {
  const { name, argument } = parameter;
  if (value === undefined) return [];
  if (parameter.content === 'json') return [`${encodeURIComponent(name)}=${encodeURIComponent(JSON.stringify(value))}`];
  return encodeStyled(argument, name, value, parameter, encodeURIComponent);
}

/** Throws ArgumentRefused when a server could read a member as another parameter or member, or as the method. */
function requireOwnNames(operation: RestOperation, inputSchema: JsonObject, args: JsonObject): void {
  const [first] = findClashingMembers(operation, inputSchema, (argument, form, inside) => {
    const whole = Object.hasOwn(args, argument) ? args[argument] : undefined;
    const value = inside === undefined || !isJsonObject(whole) ? whole : whole[inside];
    if (form === 'deep') return typeof value === 'object' && !isExactNumber(value) ? listDistinctPaths(argument, value) : [];
    if (!isJsonObject(value)) return [];
    return Object.keys(value).flatMap((member) => (form === 'exact' || value[member] !== null ? [[member]] : []));
  });
  if (!first) return;
  throw new ArgumentRefused(
    `"${first.argument}" holds a name that another argument or member is sent under, or that stands for the method. Leave it out.`,
  );
}

/** The items of a list of scalars share one name. */
function listDistinctPaths(argument: string, value: unknown): string[][] {
  const leaves = listDeepLeaves(argument, value);
  return leaves.flatMap(({ path, isItem }, index) => (isItem && leaves[index - 1]?.path === path ? [] : [path]));
}

function encodeHeaders(
  parameters: readonly RestParameter[],
  valueOf: (parameter: RestParameter) => unknown,
): Record<string, string> {
  // a map: `__proto__` is a name of a header like any other
  const headers = new Map<string, string>();
  for (const parameter of parameters) {
    const value = parameter.in === 'header' ? valueOf(parameter) : undefined;
    if (value === undefined || value === null) continue;
    const { name, argument } = parameter;
    // the mapping leaves these out; a definition that was made otherwise must not bring them back
    if (isReservedHeader(name))
      throw new ArgumentRefused(`"${argument}" would set the header ${name}, which no argument may fill.`);
    const text = writeHeaderValue(parameter, value);
    if (!isHeaderValue(text))
      throw new ArgumentRefused(`"${argument}" must be plain ASCII without line breaks: it is sent as a header.`);
    headers.set(name.toLowerCase(), text);
  }
  return Object.fromEntries(headers);
}

/** What ends a cookie, or is no character of one, has a percent-encoded form. */
function encodeCookies(
  parameters: readonly RestParameter[],
  valueOf: (parameter: RestParameter) => unknown,
): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const parameter of parameters) {
    const value = parameter.in === 'cookie' ? valueOf(parameter) : undefined;
    if (value === undefined || value === null) continue;
    const { name, argument, content } = parameter;
    // the mapping leaves these out, as with headers
    if (isSecretCookie(name))
      throw new ArgumentRefused(`"${argument}" would set the cookie ${name}, which no argument may fill.`);
    const text = content === 'json' ? JSON.stringify(value).toWellFormed() : encodeScalar(argument, value);
    cookies.set(name, encodeURIComponent(text));
  }
  return cookies;
}

function writeHeaderValue(parameter: RestParameter, value: unknown): string {
  // every character beyond ASCII has a written form in JSON
  if (parameter.content === 'json') return JSON.stringify(value).replaceAll(/[^\x20-\x7e]/g, escapeUnit);
  const values = readSimpleValues(parameter, value);
  const separator = isJsonObject(value) && parameter.explode ? /[,=]/ : /,/;
  if (typeof value === 'object' && values.flat().some((each) => separator.test(each)))
    throw new ArgumentRefused(
      `"${parameter.argument}" holds a value with a "," or "=" in it, which would be read as another value.`,
    );
  return values.map((pair) => pair.join(parameter.explode ? '=' : ',')).join(',');
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A value in the style `simple`: one text for each value, two for each member of an object. */
function readSimpleValues({ argument, content }: RestParameter, value: unknown): string[][] {
  if (value === undefined || value === null) throw new ArgumentRefused(`"${argument}" is missing.`);
  if (content === 'json') return [[JSON.stringify(value)]];
  if (Array.isArray(value)) return value.map((each) => [encodeScalar(argument, each)]);
  if (!isJsonObject(value)) return [[encodeScalar(argument, value)]];
  return Object.entries(value).map(([member, each]) => [requireWellFormed(argument, member), encodeScalar(argument, each)]);
}
