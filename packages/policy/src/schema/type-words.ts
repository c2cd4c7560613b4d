import { isExactNumber } from '../documents/exact-number.ts';

/** The types of JSON Schema, in the order in which sentences name them. */
export const TYPES = ['string', 'integer', 'number', 'boolean', 'object', 'array', 'null'] as const;
export type SchemaType = (typeof TYPES)[number];

/** What servers write for a type, in small letters. `any`: every value. */
const WORDS: ReadonlyMap<string, SchemaType | 'any'> = new Map<string, SchemaType | 'any'>([
  ...TYPES.map((type) => [type, type] as const),
  ...['int', 'int32', 'int64', 'long', 'short', 'bigint'].map((word) => [word, 'integer'] as const),
  ...['float', 'double', 'decimal', 'numeric', 'real'].map((word) => [word, 'number'] as const),
  ...['bool'].map((word) => [word, 'boolean'] as const),
  ...['str', 'text', 'char', 'date', 'datetime', 'date-time', 'time', 'uuid', 'uri', 'url', 'email'].map(
    (word) => [word, 'string'] as const,
  ),
  ...['dict', 'dictionary', 'map'].map((word) => [word, 'object'] as const),
  ...['list', 'tuple'].map((word) => [word, 'array'] as const),
  ...['none', 'nonetype', 'nil'].map((word) => [word, 'null'] as const),
  ...['any', 'mixed', 'unknown', '*', ''].map((word) => [word, 'any'] as const),
]);

/** What a word for a type is read as; null: as nothing. */
export function readTypeWord(word: string): SchemaType | 'any' | null {
  return WORDS.get(word.toLowerCase()) ?? null;
}

/** The type of a JSON value, in the word of JSON Schema; never `integer`. */
export function nameType(value: unknown): Exclude<SchemaType, 'integer'> {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'number':
    case 'bigint':
      return 'number';
    default:
      return isExactNumber(value) ? 'number' : 'object';
  }
}
