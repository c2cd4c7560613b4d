import { compileInputCheck } from '../compile/input-check.ts';
import type { ToolDefinition } from '../documents/definition.ts';
import { isShallow, type JsonObject } from '../documents/json.ts';
import { readSchema, type SchemaNote } from '../schema/read-schema.ts';
import { MAX_SCHEMA_PARTS, computeSchemaCost, countSchemaParts } from './schema-cost.ts';

/** Bounds on what a server may declare. A tool outside of them is not offered for review. */
export const DEFINITION_LIMITS = {
  pages: 64,
  /** bytes of a whole definition as JSON */
  definitionBytes: 128 * 1024,
  /** bytes of one schema as JSON */
  schemaBytes: 64 * 1024,
  /** levels of nesting inside a definition, two for each object in an object of the arguments: 27 of them. A message and a part of a configuration have 64, with what is around it */
  depth: 56,
  /** sub-schemas in one schema */
  schemaParts: MAX_SCHEMA_PARTS,
  /** sub-schemas that may look at one and the same value */
  schemaCost: 2_000,
} as const;

/** Why a definition cannot be offered. */
export interface DefinitionProblem {
  /** JSON pointer in the definition: "/inputSchema/properties/a/$ref"; null: it is about the whole */
  pointer: string | null;
  /** of a schema; null: it is about no keyword */
  keyword: string | null;
  /** in words for a reviewer */
  reason: string;
}

/** A problem with the whole definition. */
export function toProblem(reason: string): DefinitionProblem {
  return { pointer: null, keyword: null, reason };
}

/** The bounds that a tool's definition breaks; none when it can be offered. The definition has passed `findDefinitionProblem`. */
export function listToolProblems({ inputSchema, outputSchema }: ToolDefinition): DefinitionProblem[] {
  return [
    ...listSchemaProblems('/inputSchema', inputSchema),
    ...(outputSchema ? listSchemaProblems('/outputSchema', outputSchema) : []),
  ];
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

function listSchemaProblems(place: string, schema: JsonObject): DefinitionProblem[] {
  const toWhole = (reason: string): DefinitionProblem[] => [{ pointer: place, keyword: null, reason }];
  if (countJsonBytes(schema) > DEFINITION_LIMITS.schemaBytes) return toWhole('a schema is larger than 64 kB');
  const read = readSchema(schema);
  const toPlaced = (notes: readonly SchemaNote[]): DefinitionProblem[] =>
    notes.map(({ pointer, keyword, reason }) => ({ pointer: `${place}${pointer}`, keyword, reason }));
  if (read.refused.length > 0) return toPlaced(read.refused);
  if (countSchemaParts(schema) > DEFINITION_LIMITS.schemaParts)
    return toWhole(`a schema has more than ${DEFINITION_LIMITS.schemaParts} parts`);
  if (computeSchemaCost(read.schema) > DEFINITION_LIMITS.schemaCost) return toWhole('a schema refers to itself too often');
  try {
    compileInputCheck(schema);
    return [];
  } catch {
    return read.broken.length > 0 ? toPlaced(read.broken) : toWhole('a schema cannot be compiled');
  }
}

function countJsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
