import type { ToolDefinition } from '../documents/definition.ts';
import { readSchema, type SchemaNote } from './read-schema.ts';

/** How the schemas of a tool are read where that is not as they are written, with pointers in the definition: "/inputSchema/properties/limit/type". */
export function listSchemaNotes({ inputSchema, outputSchema }: ToolDefinition): SchemaNote[] {
  return Object.entries({ inputSchema, outputSchema }).flatMap(([part, schema]) =>
    schema === undefined ? [] : readSchema(schema).slips.map((slip) => ({ ...slip, pointer: `/${part}${slip.pointer}` })),
  );
}
