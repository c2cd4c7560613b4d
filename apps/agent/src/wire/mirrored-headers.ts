import { compareNumbers, isExactNumber, readNumber, type ExactNumber } from '@gatehouse/policy/documents/exact-number';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { HEADER, METHOD } from './protocol.ts';

/** Which parameter `Mcp-Name` repeats. */
const NAME_PARAM: Readonly<Record<string, string>> = {
  [METHOD.callTool]: 'name',
  [METHOD.getPrompt]: 'name',
  [METHOD.readResource]: 'uri',
};

/** The headers in which a request of the newer protocol repeats a part of its body, so that a proxy need not parse that. */
export function mirrorRequest(method: string, params: JsonObject, version: string): Record<string, string> {
  const name = findMirroredName(method, params);
  const headers: Record<string, string> = { [HEADER.protocolVersion]: version, [HEADER.method]: method };
  if (name !== null) headers[HEADER.name] = encodeHeaderValue(name);
  return headers;
}

/** What `Mcp-Name` repeats; null when the method has no such header or its parameters have no name. */
export function findMirroredName(method: string, params: JsonObject): string | null {
  const name = Object.hasOwn(NAME_PARAM, method) ? params[NAME_PARAM[method] ?? ''] : null;
  return typeof name === 'string' ? name : null;
}

/** An argument that its tool declares to be repeated as the HTTP header `Mcp-Param-<name>`. */
interface DeclaredHeader {
  name: string;
  path: readonly string[];
  type: unknown;
}

/** The headers that repeat the arguments of a call, by their full name; only what the tool declares and the call carries. */
export function mirrorArguments(inputSchema: JsonObject, args: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { name, path } of getDeclaredHeaders(inputSchema)) {
    const value = readValue(args, path);
    if (value !== undefined) headers[`Mcp-Param-${name}`] = encodeHeaderValue(writeScalar(value));
  }
  return headers;
}

/** Null when the headers say the same as the arguments, else what is wrong. Values are not repeated. */
export function findArgumentMismatch(
  inputSchema: JsonObject,
  args: JsonObject,
  headerOf: (lowerCaseName: string) => string | undefined,
): string | null {
  for (const { name, path, type } of getDeclaredHeaders(inputSchema)) {
    const value = readValue(args, path);
    const header = headerOf(`mcp-param-${name.toLowerCase()}`);
    if (value === undefined && header === undefined) continue;
    if (value === undefined) return `Mcp-Param-${name} is present without its argument`;
    if (header === undefined) return `Mcp-Param-${name} is missing`;
    const decoded = decodeHeaderValue(header);
    if (decoded === null) return `Mcp-Param-${name} is not encoded correctly`;
    const equal = (type === 'integer' && isSameNumber(decoded.trim(), value)) || decoded === writeScalar(value);
    if (!equal) return `Mcp-Param-${name} differs from its argument`;
  }
  return null;
}

/** A value as it may stand in a header: as it is, or as the base64 form that the specification defines. */
export function encodeHeaderValue(value: string): string {
  const plain = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/.test(value) && !SENTINEL.test(value);
  return plain ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;
}

/** The value of such a header; null when it is malformed. */
export function decodeHeaderValue(header: string): string | null {
  if (/[^\x20-\x7e\t]/.test(header)) return null;
  const encoded = SENTINEL.exec(header)?.[1];
  if (encoded === undefined) return header;
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded ? bytes.toString('utf8') : null;
}

const SENTINEL = /^=\?base64\?(.*)\?=$/;

const headersBySchema = new WeakMap<JsonObject, readonly DeclaredHeader[]>();

/** Schemas live as long as their configuration, and most of them declare nothing. */
function getDeclaredHeaders(inputSchema: JsonObject): readonly DeclaredHeader[] {
  let declared = headersBySchema.get(inputSchema);
  if (!declared) {
    declared = findDeclaredHeaders(inputSchema, []);
    headersBySchema.set(inputSchema, declared);
  }
  return declared;
}

/** Declarations count on primitive values that are reached through `properties` alone. */
function findDeclaredHeaders(schema: JsonObject, path: readonly string[]): DeclaredHeader[] {
  if (!isJsonObject(schema['properties'])) return [];
  return Object.entries(schema['properties']).flatMap(([key, property]) => {
    if (!isJsonObject(property)) return [];
    const here = [...path, key];
    const name = property['x-mcp-header'];
    const own = typeof name === 'string' && /^[A-Za-z0-9-]+$/.test(name) ? [{ name, path: here, type: property['type'] }] : [];
    return [...own, ...findDeclaredHeaders(property, here)];
  });
}

type Scalar = string | number | boolean | ExactNumber;

function writeScalar(value: Scalar): string {
  return isExactNumber(value) ? value.rawJSON : String(value);
}

function isSameNumber(text: string, value: Scalar): boolean {
  if (!isExactNumber(value)) return text !== '' && Number(text) === Number(value);
  return /^-?\d{1,400}$/.test(text) && compareNumbers(readNumber(text), value) === 0;
}

function readValue(args: JsonObject, path: readonly string[]): Scalar | undefined {
  let current: unknown = args;
  for (const key of path) current = isJsonObject(current) && Object.hasOwn(current, key) ? current[key] : undefined;
  if (isExactNumber(current)) return current;
  return typeof current === 'string' || typeof current === 'number' || typeof current === 'boolean' ? current : undefined;
}
