import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { splitWords } from '@gatehouse/policy/names/split-words';

import { type JsonSchema, listScalarFields, type SchemaField } from './schema-fields.ts';

/** What the review form offers to log. The reviewer decides; nothing here takes effect by itself. */
export interface LogSuggestion {
  /** JSON Pointers of arguments and of structured result fields whose values are worth logging and safe to log */
  logArguments: string[];
  logResults: string[];
}

const SECRET = new Set(
  (
    'password passwd passphrase pwd secret secrets token tokens apikey auth authorization bearer credential credentials cookie cookies ' +
    'private signature otp pin cvv cvc salt nonce jwt'
  ).split(' '),
);
const PERSONAL = new Set(
  (
    'email mail phone mobile fax address street zip postcode birthday birthdate dob ssn iban card passport salary latitude longitude ' +
    'gender religion'
  ).split(' '),
);
const IDENTIFYING = new Set(
  (
    'id ids uuid guid number no ref reference code slug sku sha branch tag repo repository owner org organization project environment ' +
    'env region zone status state type kind category priority severity currency locale language format unit sort order direction'
  ).split(' '),
);
/** "repository name" is worth logging, "customer name" is not. */
const NAMED_THINGS = new Set(
  'repo repository branch project table database schema service workspace environment queue topic bucket index tool'.split(' '),
);
/** a string that may be longer is free text */
const MAX_VALUE_LENGTH = 200;

/** Deterministic, by names and types alone. */
export function suggestLogging(definition: ToolDefinition): LogSuggestion {
  const loggable = (schema: JsonSchema | undefined) =>
    schema === undefined
      ? []
      : listScalarFields(schema)
          .filter(isWorthLogging)
          .map(({ pointer }) => pointer)
          .slice(0, 64);
  return {
    logArguments: loggable(definition.inputSchema),
    logResults: loggable(definition.outputSchema),
  };
}

function isWorthLogging({ pointer, name, parts }: SchemaField): boolean {
  if (
    pointer
      .split('/')
      .flatMap(splitWords)
      .some((word) => SECRET.has(word) || PERSONAL.has(word))
  )
    return false;
  if (parts.some((part) => Array.isArray(part['enum']) || Object.hasOwn(part, 'const'))) return true;
  const types = new Set(parts.flatMap((part) => [part['type']].flat()));
  if (!types.has('string')) return true;
  if (parts.some((part) => Number(part['maxLength'] ?? 0) > MAX_VALUE_LENGTH)) return false;
  if (parts.some((part) => part['format'] === 'uuid')) return true;
  const words = splitWords(name);
  const last = words.at(-1) ?? '';
  return IDENTIFYING.has(last) || (last === 'name' && words.some((word) => NAMED_THINGS.has(word)));
}
