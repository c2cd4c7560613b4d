import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { OpenapiDocument, readList, readObject, readText, Unmappable } from './document.ts';

const METHODS = new Set(['get', 'head', 'post', 'put', 'patch', 'delete', 'options']);
const FORM = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';
/** What a parameter says of its value beside its schema in later versions. */
const OUTSIDE = new Set(['name', 'in', 'required', 'description', 'collectionFormat', 'allowEmptyValue']);

/**
 * A description in Swagger 2.0 as one in OpenAPI 3.0 that means the same. What is referred to stays where it is, so that nothing is written
 * twice; what has no such form (`tsv`, for one) keeps its name, and whoever reads it says so. Never throws.
 */
export function upgradeSwagger(root: JsonObject): JsonObject {
  const document = new OpenapiDocument(root, true);
  const paths = Object.entries(readObject(root, 'paths')).map(([path, raw]): [string, unknown] => {
    const item = resolve(document, raw);
    return [path, item ? upgradePath(document, item) : raw];
  });
  return { ...root, openapi: '2.0', servers: listServers(root), paths: Object.fromEntries(paths) };
}

function listServers(root: JsonObject): JsonObject[] {
  const host = readText(root, 'host');
  const basePath = readText(root, 'basePath') ?? '';
  if (host === undefined) return basePath === '' ? [] : [{ url: basePath }];
  const schemes = readTexts(root, 'schemes');
  return (schemes.length > 0 ? schemes : ['https']).map((scheme) => ({ url: `${scheme}://${host}${basePath}` }));
}

function upgradePath(document: OpenapiDocument, { parameters: shared, ...item }: JsonObject): JsonObject {
  const entries = Object.entries(item).map(([key, raw]): [string, unknown] => {
    const operation = METHODS.has(key) ? resolve(document, raw) : null;
    return [key, operation ? upgradeOperation(document, operation, Array.isArray(shared) ? shared : []) : raw];
  });
  return Object.fromEntries(entries);
}

function upgradeOperation(document: OpenapiDocument, operation: JsonObject, shared: readonly unknown[]): JsonObject {
  const { consumes: _consumes, produces: _produces, parameters: _parameters, responses: _responses, ...rest } = operation;
  const own = readList(operation, 'parameters').map((raw) => resolve(document, raw) ?? raw);
  const declared = new Set(own.map(nameParameter));
  const inherited = shared.map((raw) => resolve(document, raw) ?? raw).filter((raw) => !declared.has(nameParameter(raw)));
  const all = [...inherited, ...own];
  const isIn = (raw: unknown, place: string): raw is JsonObject => isJsonObject(raw) && raw['in'] === place;
  const consumes = chooseTypes(document, operation, 'consumes');
  const form = all.filter((raw) => isIn(raw, 'formData'));
  const [body] = all.filter((raw) => isIn(raw, 'body'));
  const requestBody = body ? upgradeBody(body, consumes) : form.length > 0 ? upgradeForm(form, consumes) : null;
  return {
    ...rest,
    parameters: all.filter((raw) => !isIn(raw, 'formData') && !isIn(raw, 'body')).map(upgradeParameter),
    ...(requestBody ? { requestBody } : {}),
    responses: upgradeResponses(document, operation, chooseTypes(document, operation, 'produces')),
  };
}

function chooseTypes({ root }: OpenapiDocument, operation: JsonObject, key: 'consumes' | 'produces'): string[] {
  const types = readTexts(Array.isArray(operation[key]) ? operation : root, key);
  return types.length > 0 ? types : ['application/json'];
}

function upgradeBody(body: JsonObject, consumes: readonly string[]): JsonObject {
  const media = { schema: body['schema'] ?? true };
  const { description, required } = body;
  return { description, required, content: Object.fromEntries(consumes.map((type) => [type, media])) };
}

function upgradeForm(form: readonly JsonObject[], consumes: readonly string[]): JsonObject {
  const hasFile = form.some(({ type }) => type === 'file');
  const type = hasFile || (consumes.includes(MULTIPART) && !consumes.includes(FORM)) ? MULTIPART : FORM;
  const named = form.flatMap((raw) => {
    const name = readText(raw, 'name');
    return name === undefined ? [] : [{ name, raw }];
  });
  const properties = named.map(({ name, raw }): [string, unknown] => [
    name,
    raw['type'] === 'file'
      ? { type: 'string', format: 'binary', description: raw['description'] }
      : { ...toSchema(raw), description: raw['description'] },
  ]);
  const encoding = named.flatMap(({ name, raw }): [string, unknown][] => {
    const isRepeated = raw['type'] !== 'array' || raw['collectionFormat'] === 'multi';
    return isRepeated ? [] : [[name, toStyle(raw, 'form')]];
  });
  const required = named.flatMap(({ name, raw }) => (raw['required'] === true ? [name] : []));
  const schema = { type: 'object', properties: Object.fromEntries(properties), ...(required.length > 0 ? { required } : {}) };
  return { required: required.length > 0, content: { [type]: { schema, encoding: Object.fromEntries(encoding) } } };
}

function upgradeParameter(raw: unknown): unknown {
  if (!isJsonObject(raw) || raw['schema'] !== undefined) return raw;
  const { name, in: place, required, description } = raw;
  const style = raw['type'] === 'array' ? toStyle(raw, place === 'query' ? 'form' : 'simple') : {};
  return { name, in: place, required, description, ...style, schema: toSchema(raw) };
}

function toSchema(raw: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !OUTSIDE.has(key)));
}

/** How the items of a list are joined. */
function toStyle(raw: JsonObject, plain: 'form' | 'simple'): JsonObject {
  switch (readText(raw, 'collectionFormat') ?? 'csv') {
    case 'csv':
      return { style: plain, explode: false };
    case 'multi':
      return { style: 'form', explode: true };
    case 'ssv':
      return { style: 'spaceDelimited', explode: false };
    case 'pipes':
      return { style: 'pipeDelimited', explode: false };
    default:
      return { style: raw['collectionFormat'], explode: false };
  }
}

function upgradeResponses(document: OpenapiDocument, operation: JsonObject, produces: readonly string[]): JsonObject {
  const entries = Object.entries(readObject(operation, 'responses')).map(([status, raw]): [string, unknown] => {
    const response = resolve(document, raw) ?? {};
    const { schema, description } = response;
    if (schema === undefined) return [status, { description }];
    const isFile = isJsonObject(schema) && schema['type'] === 'file';
    const media = isFile ? {} : { schema };
    return [status, { description, content: Object.fromEntries(produces.map((type) => [type, media])) }];
  });
  return Object.fromEntries(entries);
}

function nameParameter(raw: unknown): string {
  return isJsonObject(raw) ? `${String(raw['in'])} ${String(raw['name'])}` : '';
}

function readTexts(value: JsonObject, key: string): string[] {
  return readList(value, key).filter((each) => typeof each === 'string');
}

/** Null for what cannot be looked up: it stays as it is, for whoever reads it to say why. */
function resolve(document: OpenapiDocument, raw: unknown): JsonObject | null {
  try {
    return document.resolve(raw);
  } catch (error) {
    if (error instanceof Unmappable) return null;
    throw error;
  }
}
