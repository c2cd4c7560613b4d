import { compileInputCheck } from '../compile/input-check.ts';
import { isJsonObject, isShallow, objectsOf, type JsonObject } from '../documents/json.ts';
import { linearPattern } from './linear-pattern.ts';
import { MAX_SCHEMA_PARTS, schemaCost, schemaParts } from './schema-cost.ts';
import { ToolDefinition, ToolName } from '../documents/definition.ts';

/** Bounds on what a server may declare. A tool outside of them is not offered for review. */
export const DEFINITION_LIMITS = {
  pages: 64,
  tools: 5_000,
  /** bytes of a whole definition as JSON */
  definitionBytes: 128 * 1024,
  /** bytes of one schema as JSON */
  schemaBytes: 64 * 1024,
  /** levels of nesting inside a definition */
  depth: 32,
  /** sub-schemas in one schema */
  schemaParts: MAX_SCHEMA_PARTS,
  /** sub-schemas that may look at one and the same value */
  schemaCost: 2_000,
} as const;

export type CheckedDefinition = { ok: true; definition: ToolDefinition } | { ok: false; name: string; problem: string };

/** Checks one tool as its server sent it. `problem` names the first bound that it breaks, in words for a reviewer. */
export function checkDefinition(raw: unknown): CheckedDefinition {
  const name = nameOf(raw);
  const refuse = (problem: string): CheckedDefinition => ({ ok: false, name, problem });
  const size = definitionProblem(raw);
  if (size) return refuse(size);
  const parsed = ToolDefinition.safeParse(raw);
  if (!parsed.success) return refuse(`it is not a tool definition (${parsed.error.issues[0]?.path.join('.') || 'no object'})`);
  const definition = parsed.data;
  if (!ToolName.safeParse(definition.name).success) return refuse('its name has other characters than A-Z a-z 0-9 _ - .');
  const problem = schemaProblem(definition.inputSchema) ?? (definition.outputSchema && schemaProblem(definition.outputSchema));
  return problem ? refuse(problem) : { ok: true, definition };
}

/** Checks the bounds of any definition; comes first, because everything after it walks the whole value. */
export function definitionProblem(raw: unknown): string | null {
  if (!isShallow(raw, DEFINITION_LIMITS.depth)) return `it is nested deeper than ${DEFINITION_LIMITS.depth} levels`;
  return jsonBytes(raw) > DEFINITION_LIMITS.definitionBytes ? 'the definition is larger than 128 kB' : null;
}

function schemaProblem(schema: JsonObject): string | null {
  if (jsonBytes(schema) > DEFINITION_LIMITS.schemaBytes) return 'a schema is larger than 64 kB';
  for (const node of objectsOf(schema)) {
    const problem = nodeProblem(node, node === schema);
    if (problem) return problem;
  }
  if (schemaParts(schema) > DEFINITION_LIMITS.schemaParts) return `a schema has more than ${DEFINITION_LIMITS.schemaParts} parts`;
  if (schemaCost(schema) > DEFINITION_LIMITS.schemaCost) return 'a schema refers to itself too often';
  try {
    compileInputCheck(schema);
    return null;
  } catch {
    return 'a schema cannot be compiled';
  }
}

function nodeProblem(node: JsonObject, isRoot: boolean): string | null {
  const references = ['$ref', '$dynamicRef', '$recursiveRef'].map((key) => node[key]).filter((text) => typeof text === 'string');
  if (references.some((reference) => !reference.startsWith('#'))) return 'a schema refers to another document';
  if (!isRoot && typeof node['$id'] === 'string') return 'a schema holds another document';
  if (Object.hasOwn(node, '$async')) return 'a schema uses $async';
  const patterns = isJsonObject(node['patternProperties']) ? Object.keys(node['patternProperties']) : [];
  return patterns.every(linearPattern) ? null : 'a schema has a key pattern that cannot be matched in bounded time';
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/** The name for a message, cut and with everything unprintable shown as `?`. */
function nameOf(raw: unknown): string {
  const name = isJsonObject(raw) && typeof raw['name'] === 'string' ? raw['name'] : '(no name)';
  return name.slice(0, 64).replaceAll(/[^\x20-\x7e]/g, '?');
}
