import { compileInputCheck } from '../compile/input-check.ts';
import { REFERENCES } from '../curation/schema-reference.ts';
import type { ToolDefinition } from '../documents/definition.ts';
import { isJsonObject, isShallow, walkObjects, type JsonObject } from '../documents/json.ts';
import { compileLinearPattern } from './linear-pattern.ts';
import { MAX_SCHEMA_PARTS, computeSchemaCost, countSchemaParts } from './schema-cost.ts';

/** Bounds on what a server may declare. A tool outside of them is not offered for review. */
export const DEFINITION_LIMITS = {
  pages: 64,
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

/** The first bound that a tool's definition breaks, in words for a reviewer. The definition has passed `findDefinitionProblem`. */
export function findToolProblem({ inputSchema, outputSchema }: ToolDefinition): string | null {
  return findSchemaProblem(inputSchema) ?? (outputSchema ? findSchemaProblem(outputSchema) : null);
}

/** Checks the bounds of any definition; comes first, because everything after it walks the whole value. */
export function findDefinitionProblem(raw: unknown): string | null {
  if (!isShallow(raw, DEFINITION_LIMITS.depth)) {
    const isNamed = holdsPrototypeKey(raw, DEFINITION_LIMITS.depth);
    return isNamed
      ? 'it has the key "__proto__", which is taken from nobody'
      : `it is nested deeper than ${DEFINITION_LIMITS.depth} levels`;
  }
  const json = JSON.stringify(raw) ?? '';
  if (Buffer.byteLength(json) > DEFINITION_LIMITS.definitionBytes) return 'the definition is larger than 128 kB';
  return NOT_TEXT.test(json) ? 'it holds characters that are not text' : null;
}

function holdsPrototypeKey(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || levels === 0) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some((child) => holdsPrototypeKey(child, levels - 1));
}

/** NUL, or half of a surrogate pair, as JSON.stringify escapes them: they have no canonical form, and databases refuse them. */
const NOT_TEXT = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

function findSchemaProblem(schema: JsonObject): string | null {
  if (countJsonBytes(schema) > DEFINITION_LIMITS.schemaBytes) return 'a schema is larger than 64 kB';
  for (const node of walkObjects(schema)) {
    const problem = findNodeProblem(node, node === schema);
    if (problem) return problem;
  }
  if (countSchemaParts(schema) > DEFINITION_LIMITS.schemaParts)
    return `a schema has more than ${DEFINITION_LIMITS.schemaParts} parts`;
  if (computeSchemaCost(schema) > DEFINITION_LIMITS.schemaCost) return 'a schema refers to itself too often';
  try {
    compileInputCheck(schema);
    return null;
  } catch {
    return 'a schema cannot be compiled';
  }
}

function findNodeProblem(node: JsonObject, isRoot: boolean): string | null {
  const references = REFERENCES.map((key) => node[key]).filter((text) => typeof text === 'string');
  if (references.some((reference) => !reference.startsWith('#'))) return 'a schema refers to another document';
  if (!isRoot && typeof node['$id'] === 'string') return 'a schema holds another document';
  if (Object.hasOwn(node, '$async')) return 'a schema uses $async';
  const patterns = isJsonObject(node['patternProperties']) ? Object.keys(node['patternProperties']) : [];
  return patterns.every(compileLinearPattern) ? null : 'a schema has a key pattern that cannot be matched in bounded time';
}

function countJsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
