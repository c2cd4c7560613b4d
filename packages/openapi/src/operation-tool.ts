import { OPERATION_META } from '@gatehouse/policy/compile/advertise';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { PathTemplate, type RestMethod, type RestOperation } from '@gatehouse/policy/documents/rest-operation';
import { checkEntry } from '@gatehouse/policy/limits/entry-limits';
import { noteDigits } from '@gatehouse/policy/schema/noted-digits';

import { type OpenapiDocument, readServers, readText, showName, Unmappable } from './document.ts';
import { listNameWarnings } from './name-warnings.ts';
import { type ReadBody, readBody, readResponses } from './operation-body.ts';
import { type ReadParameter, readParameters } from './operation-parameters.ts';
import { type Schema, SchemaWriter, type WriterOptions } from './schema-writer.ts';

/** One operation where it stands in a description. */
export interface FoundOperation {
  method: RestMethod;
  path: string;
  pathItem: JsonObject;
  operation: JsonObject;
}

export interface MappedTool {
  definition: ToolDefinition;
  warnings: string[];
}

/** How far a schema is cut until the definition keeps the limits: everything first, then less text, then fewer levels. */
const CUTS: readonly Omit<WriterOptions, 'side'>[] = [
  { depth: 12, textLimit: 2_000 },
  { depth: 12, textLimit: 160 },
  { depth: 6, textLimit: 160 },
  { depth: 4, textLimit: 80 },
  { depth: 2, textLimit: 80 },
  { depth: 1, textLimit: 0 },
];
/** a result schema is a convenience, so a large one is left out */
const OUTPUT_BYTES = 8 * 1024;

/**
 * The tool for one operation: parameters become arguments under their own names, the body is always the argument `body`. Throws Unmappable
 * with the reason. The same operation and name always give the same bytes.
 */
export function mapOperation(document: OpenapiDocument, found: FoundOperation, name: string): MappedTool {
  const { method, path, pathItem, operation } = found;
  const template = PathTemplate.safeParse(path);
  if (!template.success) throw new Unmappable(`its path ${template.error.issues[0]?.message ?? 'is not a path'}`);
  requireBaseUrl(document, found);
  const { parameters, warnings } = readParameters(document, path, pathItem, operation);
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const body = hasBody ? readBody(document, operation) : null;
  if (!hasBody && operation['requestBody'] !== undefined) warnings.push(`Its body is not sent: ${method} has none.`);
  const { kinds, objectSchema, warnings: ofAnswers } = readResponses(document, operation);
  warnings.push(...(body?.warnings ?? []), ...ofAnswers);
  const rest: RestOperation = {
    method,
    path,
    parameters: parameters.map(({ parameter }) => parameter),
    body: body && body.body,
    responses: kinds,
  };
  const outputSchema = objectSchema && writeOutputSchema(document, objectSchema);
  const words = readTitleAndDescription(found);
  if (words.description === undefined) warnings.push(`${method} ${path} has no description.`);
  const fixed = { name, ...words, annotations: getAnnotations(method), _meta: { [OPERATION_META]: rest } };
  let problem = '';
  for (const [cut, options] of CUTS.entries()) {
    const inputSchema = writeInputSchema(document, parameters, body, options);
    // a result schema that breaks a limit is left out; the result itself is passed on all the same
    for (const result of outputSchema ? [{ outputSchema }, {}] : [{}]) {
      const checked = checkEntry('tool', noteDigits({ ...fixed, inputSchema, ...result }));
      if (checked.ok) {
        const { definition } = checked.entry;
        return { definition, warnings: [...warnings, ...listNameWarnings(rest, inputSchema), ...listCutWarnings(cut)] };
      }
      problem = checked.problem;
    }
  }
  throw new Unmappable(problem);
}

function listCutWarnings(cut: number): string[] {
  return cut > 1 ? ['Its arguments are described down to a few levels only: the whole is larger than a tool may be.'] : [];
}

/**
 * An operation may be described to be at a server of its own. What is imported has one base URL, and its credential goes there alone, so that an operation
 * that is not there would be sent, with what it carries, to a server that it is not for. Throws Unmappable.
 */
function requireBaseUrl(document: OpenapiDocument, { operation, pathItem }: FoundOperation): void {
  const [own] = [operation, pathItem].map(listPlaces).filter((urls) => urls.length > 0);
  // where a description names none, it stands at the server that it came from
  const common = listPlaces(document.root);
  if (!own || own.some((url) => (common.length === 0 ? url === '' : common.includes(url)))) return;
  const place = showName(own[0] ?? '') || '/';
  throw new Unmappable(`it is described to be at ${place}, and an API has one base URL: describe it as an API of its own`);
}

function listPlaces(part: JsonObject): string[] {
  return readServers(part).map((url) => url.replace(/\/+$/, ''));
}

/** What the method says about the risk: reading, writing, or destroying. A reviewer has the last word. */
function getAnnotations(method: RestMethod): ToolDefinition['annotations'] {
  const readOnlyHint = method === 'GET' || method === 'HEAD' || method === 'QUERY';
  const destructiveHint = method === 'DELETE';
  const idempotentHint = readOnlyHint || method === 'PUT' || method === 'DELETE';
  return { readOnlyHint, destructiveHint, idempotentHint, openWorldHint: false };
}

function readTitleAndDescription({ operation, pathItem }: FoundOperation): Pick<ToolDefinition, 'title' | 'description'> {
  const summary = readText(operation, 'summary') ?? readText(pathItem, 'summary');
  const long = readText(operation, 'description') ?? readText(pathItem, 'description');
  const description = summary && long && summary !== long ? `${summary}\n\n${long}` : (long ?? summary);
  const deprecated = operation['deprecated'] === true ? 'Deprecated. ' : '';
  return {
    ...(summary ? { title: cutText(summary, 200) } : {}),
    ...(description ? { description: cutText(deprecated + description, 4_000) } : {}),
  };
}

function cutText(text: string, limit: number): string {
  return (text.length <= limit ? text : `${text.slice(0, limit - 1)}…`).toWellFormed();
}

function writeInputSchema(
  document: OpenapiDocument,
  parameters: readonly ReadParameter[],
  body: ReadBody | null,
  options: Omit<WriterOptions, 'side'>,
): ToolDefinition['inputSchema'] {
  const writer = new SchemaWriter(document, [...parameters.map(({ schema }) => schema), body?.schema], {
    side: 'request',
    ...options,
  });
  const properties: [string, Schema][] = parameters.map(({ parameter, schema, description }) => [
    parameter.argument,
    withDescription(writer.write(schema), description, options.textLimit),
  ]);
  if (body)
    properties.push([body.body.argument, withDescription(writer.write(body.schema), body.description, options.textLimit)]);
  const required = [
    ...parameters.filter((parameter) => parameter.required).map(({ parameter }) => parameter.argument),
    ...(body?.required ? [body.body.argument] : []),
  ];
  const definitions = writer.getDefinitions();
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
    ...(definitions ? { $defs: definitions } : {}),
  };
}

/** The words beside a parameter say more about it than those in its schema. */
function withDescription(schema: Schema, description: string | undefined, textLimit: number): Schema {
  if (description === undefined || textLimit === 0 || schema === false) return schema;
  return { ...(schema === true ? {} : schema), description: cutText(description, textLimit) };
}

/** Undefined when it would be larger than a result schema is worth. */
function writeOutputSchema(document: OpenapiDocument, schema: JsonObject): JsonObject | undefined {
  try {
    const root = document.resolve(schema);
    const writer = new SchemaWriter(document, [root], { side: 'response', depth: 6, textLimit: 200 });
    const written = writer.write(root);
    const definitions = writer.getDefinitions();
    if (!isJsonObject(written) || written['type'] !== 'object') return undefined;
    const whole = { ...written, ...(definitions ? { $defs: definitions } : {}) };
    return JSON.stringify(whole).length > OUTPUT_BYTES ? undefined : whole;
  } catch (error) {
    if (error instanceof Unmappable) return undefined;
    throw error;
  }
}
