import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import {
  HeaderName,
  isReservedHeader,
  listPathVariables,
  type RestParameter,
  toPlaceKey,
} from '@gatehouse/policy/documents/rest-operation';
import { findNameFault } from '@gatehouse/policy/names/parameter-name';

import { readList, type OpenapiDocument, readText, showName, Unmappable } from './document.ts';

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
  return { parameters, warnings };
}

/** A list of parameters by place and name. Of one that stands there twice the last counts, and `warnings` hears it. Throws Unmappable. */
function readDeclared(document: OpenapiDocument, list: readonly unknown[], warnings: string[]): Map<string, Declared> {
  const declared = new Map<string, Declared>();
  for (const value of list) {
    const raw = document.resolve(value);
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
  const common = { argument, name };
  let parameter: RestParameter;
  if (place === 'path') parameter = { in: 'path', ...common, style: 'simple', explode: raw['explode'] === true };
  else if (place === 'header') parameter = { in: 'header', ...common, style: 'simple', explode: raw['explode'] === true };
  else {
    const isDeep = style === 'deepObject';
    parameter = { in: 'query', ...common, style: isDeep ? 'deepObject' : 'form', explode: isDeep || raw['explode'] !== false };
  }
  return { parameter, schema: raw['schema'] ?? true, description: readText(raw, 'description'), required };
}

/** Null when the parameter can be sent, else why not. */
function findParameterProblem(document: OpenapiDocument, { name, place, raw }: Declared): string | null {
  const what = `its ${nameParameter({ place, name })}`;
  if (name.length > 200) return `${what} has too long a name`;
  const fault = findNameFault(name);
  if (fault !== null) return `${what} ${fault}`;
  if (isJsonObject(raw['content'])) return `${what} is itself a document`;
  const style = readText(raw, 'style');
  switch (place) {
    case 'path':
      return style === undefined || style === 'simple'
        ? findShapeProblem(document, raw, what, 'simple')
        : `${what} has the style ${style}`;
    case 'header':
      if (isReservedHeader(name)) return `${what} is a header that is never filled from arguments`;
      return HeaderName.safeParse(name).success ? findShapeProblem(document, raw, what, 'simple') : `${what} is no header name`;
    case 'query':
      if (style !== undefined && style !== 'form' && style !== 'deepObject') return `${what} has the style ${style}`;
      return findShapeProblem(document, raw, what, style ?? 'form');
    default:
      return `${what} is sent as a ${place}, which Gatehouse does not send`;
  }
}

/** Servers differ in how they read a name, so of two that some server takes for one only the first is sent. */
function findTwinProblem(declared: Declared, before: readonly ReadParameter[]): string | null {
  const { name, place } = declared;
  const twin = before.find(
    ({ parameter }) => parameter.in === place && toPlaceKey({ in: parameter.in, name }) === toPlaceKey(parameter),
  );
  return twin ? `its ${nameParameter(declared)} has the name of "${showName(twin.parameter.name)}" to some servers` : null;
}

/** Nested values have no written form in a path, a query or a header. */
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
  if (style === 'deepObject' && type !== 'object') return `${what} has the style deepObject but is no object`;
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
