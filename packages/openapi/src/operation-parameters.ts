import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import {
  HeaderName,
  isReservedHeader,
  isSecretCookie,
  listPathVariables,
  type RestParameter,
  toPlaceKey,
} from '@gatehouse/policy/documents/rest-operation';
import { findNameFault, foldName } from '@gatehouse/policy/names/parameter-name';

import { readList, readObject, type OpenapiDocument, readText, showName, Unmappable } from './document.ts';
import { getResponseKind, normalizeMediaType } from './media-type.ts';

/** A parameter of an operation that can be sent, with the schema of its argument as the description has it. */
export interface ReadParameter {
  parameter: RestParameter;
  schema: unknown;
  description: string | undefined;
  required: boolean;
}

export interface ReadParameters {
  parameters: ReadParameter[];
  /** what was left out, in sentences */
  warnings: string[];
}

interface Declared {
  name: string;
  place: string;
  raw: JsonObject;
}

/**
 * The parameters of an operation together with those of its path. One that cannot be sent is left out with a warning when it is optional;
 * a required one makes the operation unmappable. Throws Unmappable.
 */
export function readParameters(
  document: OpenapiDocument,
  path: string,
  pathItem: JsonObject,
  operation: JsonObject,
): ReadParameters {
  const warnings: string[] = [];
  const declared = new Map([
    ...readDeclared(document, readList(pathItem, 'parameters'), warnings),
    // what an operation says of a parameter counts instead of what its path says
    ...readDeclared(document, readList(operation, 'parameters'), warnings),
  ]);
  const variables = new Set(listPathVariables(path));
  const names = new ArgumentNames();
  const parameters: ReadParameter[] = [];
  for (const each of declared.values()) {
    if (isSetByGatehouse(each) || (each.place === 'path' && !variables.has(each.name))) continue;
    const required = isRequired(each.place, each.raw);
    const problem = findParameterProblem(document, each) ?? findTwinProblem(each, parameters);
    if (problem !== null) leaveOut(problem, required, warnings);
    else parameters.push(readParameter(each, names, required));
  }
  const described = new Set(parameters.flatMap(({ parameter }) => (parameter.in === 'path' ? [parameter.name] : [])));
  const missing = [...variables].find((name) => !described.has(name));
  if (missing !== undefined) throw new Unmappable(`its path has the variable {${missing}}, which is not described`);
  for (const name of variables) if (isSecretVariable(name)) warnings.push(describeSecretVariable(name));
  return { parameters, warnings };
}

/** A variable of a path that a credential stands in, by its name alone: `{token}`, `{apiKey}`. */
function isSecretVariable(name: string): boolean {
  return /^(?:bot|access|auth|api|bearer|client|webhook)?(?:token|secret|password|credential)$|^(?:api|access|auth|secret)key$/.test(
    foldName(name),
  );
}

function describeSecretVariable(name: string): string {
  return (
    `Its path has the variable {${showName(name)}}, which seems to be a credential: it is an argument that whoever calls the tool has to give, because the agent sends ` +
    'the credential of a server in headers and query parameters only.'
  );
}

/** A parameter that is the whole query (3.2), as a form: the members of an object, each under its own name. Any other is left as it is. */
function readWholeQuery(document: OpenapiDocument, raw: JsonObject): JsonObject {
  if (raw['in'] !== 'querystring') return raw;
  const [[type, media] = [], ...others] = Object.entries(readObject(raw, 'content'));
  const isForm = type !== undefined && others.length === 0 && normalizeMediaType(type) === 'application/x-www-form-urlencoded';
  if (!isForm || !isJsonObject(media) || media['encoding'] !== undefined) return raw;
  const { content: _content, ...rest } = raw;
  const schema = isJsonObject(media['schema']) ? document.resolve(media['schema']) : {};
  return schema['type'] === 'object' ? { ...rest, in: 'query', style: 'form', explode: true, schema } : raw;
}

/** A list of parameters by place and name. Of one that stands there twice the last counts, and `warnings` hears it. Throws Unmappable. */
function readDeclared(document: OpenapiDocument, list: readonly unknown[], warnings: string[]): Map<string, Declared> {
  const declared = new Map<string, Declared>();
  for (const value of list) {
    const raw = readWholeQuery(document, document.resolve(value));
    const place = readText(raw, 'in');
    const name = readText(raw, 'name');
    if (place === undefined || name === undefined) {
      const problem = place === undefined ? 'a parameter has no place' : `a ${showName(place)} parameter has no name`;
      leaveOut(problem, isRequired(place, raw), warnings);
      continue;
    }
    // the name of a header is the same in upper and lower case
    const key = `${place} ${place === 'header' ? name.toLowerCase() : name}`;
    const before = declared.get(key);
    if (before && !isSetByGatehouse(before))
      warnings.push(`Its ${nameParameter(before)} is described twice in one list: only the last of the two descriptions counts.`);
    declared.set(key, { name, place, raw });
  }
  return declared;
}

function isRequired(place: string | undefined, raw: JsonObject): boolean {
  return place === 'path' || raw['required'] === true;
}

/** Throws Unmappable when what cannot be sent is required. */
function leaveOut(problem: string, required: boolean, warnings: string[]): void {
  if (required) throw new Unmappable(problem);
  warnings.push(`Left out, because ${problem}.`);
}

/** As a sentence names it: query parameter "status". */
function nameParameter({ place, name }: Pick<Declared, 'place' | 'name'>): string {
  return `${place} parameter "${showName(name)}"`;
}

/** OpenAPI itself says that parameters of these names mean nothing: body, answer and credential are described elsewhere. */
function isSetByGatehouse({ name, place }: Declared): boolean {
  return place === 'header' && /^(?:accept|content-type|authorization)$/i.test(name);
}

function readParameter({ name, place, raw }: Declared, names: ArgumentNames, required: boolean): ReadParameter {
  const argument = names.take(name, place);
  const style = readText(raw, 'style');
  const media = readJsonMedia(raw);
  const common = { argument, name, explode: raw['explode'] === true, ...(media ? { content: 'json' as const } : {}) };
  let parameter: RestParameter;
  if (place === 'path') parameter = { in: 'path', ...common, style: style === 'label' || style === 'matrix' ? style : 'simple' };
  else if (place === 'header') parameter = { in: 'header', ...common, style: 'simple' };
  else if (place === 'cookie') parameter = { in: 'cookie', ...common, style: 'form' };
  else {
    const known = QUERY_STYLES.find((each) => each === style) ?? 'form';
    const explode = known === 'deepObject' || (known === 'form' ? raw['explode'] !== false : raw['explode'] === true);
    const reserved = raw['allowReserved'] === true && !media ? { allowReserved: true as const } : {};
    parameter = { in: 'query', ...common, style: known, explode, ...reserved };
  }
  const schema = (media ?? raw)['schema'] ?? true;
  return { parameter, schema, description: readText(raw, 'description'), required };
}

const QUERY_STYLES = ['form', 'deepObject', 'spaceDelimited', 'pipeDelimited'] as const;

/** What a parameter is as JSON; null when it is no JSON. */
function readJsonMedia(raw: JsonObject): JsonObject | null {
  const [[type, media] = [], ...others] = Object.entries(readObject(raw, 'content'));
  const isJson = type !== undefined && others.length === 0 && getResponseKind(normalizeMediaType(type)) === 'json';
  return isJson ? (isJsonObject(media) ? media : {}) : null;
}

/** Null when the parameter can be sent, else why not. */
function findParameterProblem(document: OpenapiDocument, { name, place, raw }: Declared): string | null {
  const what = `its ${nameParameter({ place, name })}`;
  if (name.length > 200) return `${what} has too long a name`;
  const fault = findNameFault(name);
  if (fault !== null) return `${what} ${fault}`;
  const style = readText(raw, 'style');
  if (place === 'header' && isReservedHeader(name)) return `${what} is a header that is never filled from arguments`;
  if (place === 'header' && !HeaderName.safeParse(name).success) return `${what} is no header name`;
  if (place === 'cookie' && !HeaderName.safeParse(name).success) return `${what} is no name of a cookie`;
  if (place === 'cookie' && isSecretCookie(name))
    return `${what} seems to be a session or a credential, which the site gives and no argument fills`;
  if (!STYLES.has(place)) return `${what} is sent as a ${showName(place)}, which Gatehouse does not send`;
  if (isJsonObject(raw['content'])) {
    const types = Object.keys(raw['content']).map(showName).join(', ');
    return readJsonMedia(raw) ? null : `${what} is itself a document (${types}), and only JSON is sent in its place`;
  }
  if (style !== undefined && !STYLES.get(place)?.includes(style)) return `${what} has the style ${showName(style)}`;
  return findShapeProblem(document, raw, what, style ?? 'form');
}

/** The styles that are sent at each place. */
const STYLES = new Map<string, readonly string[]>([
  ['path', ['simple', 'label', 'matrix']],
  ['header', ['simple']],
  ['query', QUERY_STYLES],
  ['cookie', ['form']],
]);

/** Servers differ in how they read a name, so of two that some server takes for one only the first is sent. */
function findTwinProblem(declared: Declared, before: readonly ReadParameter[]): string | null {
  const { name, place } = declared;
  const twin = before.find(
    ({ parameter }) => parameter.in === place && toPlaceKey({ in: parameter.in, name }) === toPlaceKey(parameter),
  );
  return twin ? `its ${nameParameter(declared)} has the name of "${showName(twin.parameter.name)}" to some servers` : null;
}

/** Nested values have no written form in a path, a query or a header, but behind brackets. */
function findShapeProblem(document: OpenapiDocument, raw: JsonObject, what: string, style: string): string | null {
  const schema = raw['schema'];
  if (!isJsonObject(schema)) return null;
  const resolved = document.resolve(schema);
  const type = resolved['type'];
  const inner =
    type === 'array'
      ? [resolved['items']]
      : type === 'object' && isJsonObject(resolved['properties'])
        ? Object.values(resolved['properties'])
        : [];
  if (raw['in'] === 'cookie' && (type === 'array' || type === 'object'))
    return `${what} is ${type === 'array' ? 'a list' : 'an object'}, and a cookie has one value`;
  if (style === 'deepObject') return null;
  if (style === 'matrix' && type === 'object' && raw['explode'] === true)
    return `${what} is an object that is sent without a name of its own (matrix, explode)`;
  const isNested = inner.some((each) => isJsonObject(each) && /^(?:array|object)$/.test(String(document.resolve(each)['type'])));
  return isNested ? `${what} is nested` : null;
}

/**
 * Names of arguments: those of the parameters, with `_` in place of characters that arguments of tools may not have. A name that is taken
 * is followed by the parameter's place (`id_query`), then by a number.
 */
export class ArgumentNames {
  readonly #taken = new Set<string>(['body']);

  take(name: string, place: string): string {
    const clean =
      name
        .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
        .replaceAll(/^_+|_+$/g, '')
        .slice(0, 50) || 'value';
    let free = clean;
    for (let number = 1; this.#taken.has(free); number += 1)
      free = number === 1 ? `${clean}_${place}` : `${clean}_${place}_${number}`;
    this.#taken.add(free);
    return free;
  }
}
