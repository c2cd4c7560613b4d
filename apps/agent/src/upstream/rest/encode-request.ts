import { findClashingMembers } from '@gatehouse/policy/compile/sent-names';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import {
  fillPath,
  isReservedHeader,
  type RestBody,
  type RestOperation,
  type RestParameter,
} from '@gatehouse/policy/documents/rest-operation';

import { isHeaderValue } from '../../outbound/header-value.ts';

/** An argument that cannot be sent where its operation puts it. The message names the argument and never repeats its value. */
export class ArgumentRefused extends Error {
  override readonly name = 'ArgumentRefused';
}

export interface RestRequest {
  method: RestOperation['method'];
  url: URL;
  /** lower-case names */
  headers: Record<string, string>;
  body: string | null;
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
  const content = body && Object.hasOwn(args, body.argument) ? encodeBody(body, args[body.argument]) : null;
  if (content !== null && body)
    headers['content-type'] = body.kind === 'json' ? body.mediaType : `${body.mediaType}; charset=utf-8`;
  return { method: operation.method, url: buildUrl(baseUrl, path, query), headers, body: content };
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
    const values = readSimpleValues(parameter, valueOf(parameter));
    for (const value of values.flat()) requirePathSafe(argument, value);
    const text = encodeSimple(values);
    if (text === '') throw new ArgumentRefused(`"${argument}" must not be empty: it is a part of the path.`);
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
  const { name, argument, style, explode } = parameter;
  const key = encodeURIComponent(name);
  if (value === undefined || value === null) return [];
  if (isJsonObject(value)) {
    const members = Object.entries(value).flatMap(([member, each]) =>
      each === null ? [] : [[requireWellFormed(argument, member), encodeScalar(argument, each)] as const],
    );
    if (style !== 'deepObject' && !explode)
      return members.length === 0 ? [] : [`${key}=${members.flat().map(encodeURIComponent).join(',')}`];
    return members.map(([member, text]) => {
      const written = style === 'deepObject' ? `${name}[${member}]` : member;
      return `${encodeURIComponent(written)}=${encodeURIComponent(text)}`;
    });
  }
  if (!Array.isArray(value)) return [`${key}=${encodeURIComponent(encodeScalar(argument, value))}`];
  const texts = value.map((each) => encodeURIComponent(encodeScalar(argument, each)));
  if (explode) return texts.map((text) => `${key}=${text}`);
  return texts.length === 0 ? [] : [`${key}=${texts.join(',')}`];
}

/** Throws ArgumentRefused when a server could read a member as another parameter or member, or as the method. */
function requireOwnNames(operation: RestOperation, inputSchema: JsonObject, args: JsonObject): void {
  const [first] = findClashingMembers(operation, inputSchema, (argument, isExact) => {
    const value = Object.hasOwn(args, argument) ? args[argument] : undefined;
    return isJsonObject(value) ? Object.keys(value).filter((member) => isExact || value[member] !== null) : [];
  });
  if (!first) return;
  throw new ArgumentRefused(
    `"${first.argument}" holds a name that another argument or member is sent under, or that stands for the method. Leave it out.`,
  );
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
    const values = readSimpleValues(parameter, value);
    const separator = isJsonObject(value) && parameter.explode ? /[,=]/ : /,/;
    if (typeof value === 'object' && values.flat().some((each) => separator.test(each)))
      throw new ArgumentRefused(`"${argument}" holds a value with a "," or "=" in it, which would be read as another value.`);
    const text = values.map((pair) => pair.join(parameter.explode ? '=' : ',')).join(',');
    if (!isHeaderValue(text))
      throw new ArgumentRefused(`"${argument}" must be plain ASCII without line breaks: it is sent as a header.`);
    headers.set(name.toLowerCase(), text);
  }
  return Object.fromEntries(headers);
}

/** A value in the style `simple`: one text for each value, two for each member of an object. */
function readSimpleValues({ argument }: RestParameter, value: unknown): string[][] {
  if (value === undefined || value === null) throw new ArgumentRefused(`"${argument}" is missing.`);
  if (Array.isArray(value)) return value.map((each) => [encodeScalar(argument, each)]);
  if (!isJsonObject(value)) return [[encodeScalar(argument, value)]];
  return Object.entries(value).map(([member, each]) => [requireWellFormed(argument, member), encodeScalar(argument, each)]);
}

function encodeSimple(values: readonly string[][]): string {
  return values.map((pair) => pair.map(encodeURIComponent).join(',')).join(',');
}

function encodeBody({ kind, argument }: RestBody, value: unknown): string {
  switch (kind) {
    case 'json':
      return JSON.stringify(value);
    case 'text':
      if (typeof value === 'string') return requireWellFormed(argument, value);
      throw new ArgumentRefused(`"${argument}" must be a text.`);
    case 'form':
      if (isJsonObject(value)) return new URLSearchParams(listFormPairs(argument, value)).toString();
      throw new ArgumentRefused(`"${argument}" must be an object.`);
  }
}

/** OpenAPI's default for forms: a list is repeated, an object is sent as JSON. */
function listFormPairs(argument: string, value: JsonObject): [string, string][] {
  return Object.entries(value).flatMap(([name, member]): [string, string][] => {
    if (member === null) return [];
    const texts = (Array.isArray(member) ? (member as unknown[]) : [member]).map((each) =>
      typeof each === 'object' ? JSON.stringify(each) : encodeScalar(argument, each),
    );
    return texts.map((text) => [requireWellFormed(argument, name), text]);
  });
}

function encodeScalar(argument: string, value: unknown): string {
  if (typeof value === 'string') return requireWellFormed(argument, value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new ArgumentRefused(`"${argument}" is nested, and has no written form where it is sent.`);
}

function requireWellFormed(argument: string, text: string): string {
  if (text.isWellFormed()) return text;
  throw new ArgumentRefused(`"${argument}" holds half of a character.`);
}
