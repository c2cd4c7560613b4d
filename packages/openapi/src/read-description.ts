import { isScalar, parseDocument, visit } from 'yaml';

import { ENTRY_LIMITS } from '@gatehouse/policy/documents/catalogue-entry';
import type { Risk } from '@gatehouse/policy/documents/definition';
import { hasKeptNumbers, readNumber } from '@gatehouse/policy/documents/exact-number';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { RestMethod } from '@gatehouse/policy/documents/rest-operation';
import { getApparentRisk } from '@gatehouse/policy/names/named-risk';

import { readList, readObject, OpenapiDocument, readServers, readText, showName, Unmappable } from './document.ts';
import { type FoundOperation, type MappedTool, mapOperation } from './operation-tool.ts';
import { type DescribedSecurity, readSecurity } from './security.ts';
import { upgradeSwagger } from './swagger.ts';
import { nameTools, toOperationKey } from './tool-names.ts';

/** Bounds on a description. */
export const DESCRIPTION_LIMITS = {
  /** bytes as text */
  bytes: 20 * 1024 * 1024,
  /** the same as YAML, which takes many times as long to read */
  yamlBytes: 4 * 1024 * 1024,
  operations: ENTRY_LIMITS.tool,
} as const;

/** One operation of a description, whether it can be a tool or not. All text is the author's: untrusted. */
export interface DescribedOperation {
  /** method and path template, for example "GET /orders/{orderId}"; unique within a description */
  key: string;
  method: string;
  path: string;
  summary: string | null;
  tags: string[];
  deprecated: boolean;
  /** by the method */
  risk: Risk;
  /** of the tool */
  name: string;
  /** null: it cannot be one, see `problem` */
  tool: MappedTool | null;
  /** why it cannot be a tool; words to put after "because" */
  problem: string | null;
}

export interface DescriptionFacts {
  /** of OpenAPI, for example "3.1.0" */
  openapi: string;
  title: string;
  /** of the API */
  version: string;
  /** base URLs that it names, with the defaults of their variables: they may be relative, or hold a variable without a default */
  servers: string[];
}

export interface Description extends DescriptionFacts {
  /** what its requests have to carry beside their arguments */
  security: DescribedSecurity;
  operations: DescribedOperation[];
}

/** `problem` is a sentence for the person who gave the text. */
type Read<T> = { ok: true; description: T } | { ok: false; problem: string };

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace', 'query'] as const;

/**
 * Reads an OpenAPI 3.0, 3.1 or 3.2 description, or Swagger 2.0, JSON or YAML, and makes a tool of every operation that can be one. Nothing is fetched: what
 * refers to another document is listed with that reason.
 */
export function readDescription(text: string): Read<Description> {
  const refuse = (problem: string) => ({ ok: false as const, problem });
  if (Buffer.byteLength(text) > DESCRIPTION_LIMITS.bytes) return refuse('The description is larger than 20 MB.');
  const parsed = parseText(text);
  if (!parsed.ok) return refuse(parsed.problem);
  const root = readText(parsed.root, 'swagger') === '2.0' ? upgradeSwagger(parsed.root) : parsed.root;
  const openapi = readText(root, 'openapi');
  if (openapi === undefined && root['swagger'] !== undefined)
    return refuse('Of Swagger, 2.0 is supported, written as a text: "2.0".');
  if (openapi === undefined) return refuse('This is not an OpenAPI description: it does not say "openapi".');
  if (!/^(?:2\.0$|3\.[012]\.\d)/.test(openapi))
    return refuse(`OpenAPI ${openapi.slice(0, 20)} is not supported; 2.0, 3.0, 3.1 and 3.2 are.`);
  const document = new OpenapiDocument(root, /^(?:2|3\.0)/.test(openapi));
  const found = findOperations(document);
  if (found.length === 0) return refuse('The description has no operations under "paths".');
  if (found.length > DESCRIPTION_LIMITS.operations) {
    return refuse(`The description has ${found.length} operations; at most ${DESCRIPTION_LIMITS.operations} are read.`);
  }
  const names = nameTools(
    found.map(({ method, path, operation }) => ({ method, path, operationId: readText(operation, 'operationId') })),
  );
  const operations = found.map((each, index) => readOperation(document, each, names[index] ?? ''));
  return { ok: true, description: { ...readFacts(root, openapi), security: readSecurity(document, found), operations } };
}

function readFacts(root: JsonObject, openapi: string): DescriptionFacts {
  const info = readObject(root, 'info');
  return {
    openapi,
    title: readText(info, 'title')?.slice(0, 200) ?? 'Untitled API',
    version: readText(info, 'version')?.slice(0, 100) ?? '',
    servers: readServers(root),
  };
}

type Parsed = { ok: true; root: JsonObject } | { ok: false; problem: string };

function parseText(text: string): Parsed {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  const isJson = start.startsWith('{');
  if (!isJson && Buffer.byteLength(text) > DESCRIPTION_LIMITS.yamlBytes) {
    return { ok: false, problem: 'The description is larger than 4 MB as YAML. Give it as JSON, which is read up to 20 MB.' };
  }
  try {
    const root: unknown = isJson ? parseJson(start) : parseYaml(start);
    return isJsonObject(root) ? { ok: true, root } : { ok: false, problem: 'The text is neither a JSON object nor a YAML map.' };
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 200) : '';
    return { ok: false, problem: `The text cannot be read as ${isJson ? 'JSON' : 'YAML'}: ${why}` };
  }
}

/** With all digits of its numbers, as limits of a schema have them. */
function parseJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  if (hasKeptNumbers(text)) return parsed;
  return JSON.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? readNumber(source) : value,
  );
}

/** As JSON writes it; YAML also knows others, whose digits are not kept. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const MAX_ALIASES = 100;

/** The library looks for repeated keys too, but compares each key of a map with every other. Throws with a sentence. */
function parseYaml(text: string): unknown {
  const document = parseDocument(text, { uniqueKeys: false, logLevel: 'error' });
  const [error] = document.errors;
  if (error) throw error;
  visit(document, {
    Scalar(_, node) {
      const { value, source = '' } = node;
      if (typeof value !== 'number') return;
      if (NUMBER.test(source)) node.value = readNumber(source);
      // infinity, and what is no number: JSON has neither
      else if (!Number.isFinite(value)) node.value = source;
    },
    Map(_, { items }) {
      const keys = items.map(({ key }) => String(isScalar(key) ? key.value : key));
      if (new Set(keys).size < keys.length) throw new Error('A map has the same key twice.');
    },
  });
  return document.toJS({ maxAliasCount: MAX_ALIASES });
}

interface Found extends Omit<FoundOperation, 'method'> {
  /** upper case; perhaps one that is never offered */
  method: string;
  /** why not even the path can be read */
  problem: string | null;
}

function findOperations(document: OpenapiDocument): Found[] {
  return Object.entries(readObject(document.root, 'paths')).flatMap(([path, value]) => {
    if (!path.startsWith('/')) return [];
    const item = catchUnmappable(() => document.resolve(value));
    if ('problem' in item) return [{ method: 'ANY', path, pathItem: {}, operation: {}, problem: item.problem }];
    const known = METHODS.map((method) => [method.toUpperCase(), item.value[method]] as const);
    // methods beyond those that OpenAPI knows, as they stand there
    const others = Object.entries(readObject(item.value, 'additionalOperations')).filter(([method]) => !isKnown(method));
    return [...known, ...others].flatMap(([method, raw]): Found[] => {
      if (raw === undefined) return [];
      const operation = catchUnmappable(() => document.resolve(raw));
      const common = { method, path, pathItem: item.value };
      return 'problem' in operation
        ? [{ ...common, operation: {}, problem: operation.problem }]
        : [{ ...common, operation: operation.value, problem: null }];
    });
  });
}

function isKnown(method: string): boolean {
  return METHODS.some((known) => known === method.toLowerCase());
}

function readOperation(document: OpenapiDocument, found: Found, name: string): DescribedOperation {
  const { method, path, operation } = found;
  const mapped = catchUnmappable(() => {
    if (found.problem !== null) throw new Unmappable(found.problem);
    const known = RestMethod.safeParse(method);
    if (!known.success) throw new Unmappable(`${showName(method)} is a method that is not offered`);
    return mapOperation(document, { ...found, method: known.data }, name);
  });
  return {
    key: toOperationKey(found),
    method,
    path,
    summary: readText(operation, 'summary')?.slice(0, 300) ?? null,
    tags: readList(operation, 'tags').filter((tag) => typeof tag === 'string'),
    deprecated: operation['deprecated'] === true,
    name,
    ...('problem' in mapped
      ? { tool: null, problem: mapped.problem, risk: getRisk(method) }
      : { tool: mapped.value, problem: null, risk: getApparentRisk(mapped.value.definition) }),
  };
}

/** GET, HEAD and QUERY read, DELETE destroys, everything else writes. */
function getRisk(method: string): Risk {
  if (method === 'GET' || method === 'HEAD' || method === 'QUERY') return 'read';
  return method === 'DELETE' ? 'destructive' : 'write';
}

function catchUnmappable<T>(make: () => T): { value: T } | { problem: string } {
  try {
    return { value: make() };
  } catch (error) {
    if (error instanceof Unmappable) return { problem: error.message };
    throw error;
  }
}
