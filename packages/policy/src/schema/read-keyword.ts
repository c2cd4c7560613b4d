import { compareNumbers, isComparable, isExactNumber } from '../documents/exact-number.ts';
import { isJsonObject, type JsonObject } from '../documents/json.ts';
import { readTypeWord } from './type-words.ts';

/** What is made of one keyword. */
export interface ReadKeyword {
  /** what `value` is: schemas, or something else that is kept as it is. `nothing`: the keyword decides on nothing; `unknown`: it is no keyword */
  holds: 'nothing' | 'value' | 'schema' | 'list' | 'map' | 'unknown';
  value?: unknown;
  /** how it is read, where that is not as it is written */
  note?: string;
  /** why a compiler will not take it */
  broken?: string;
}

type Read = (value: unknown, node: JsonObject) => ReadKeyword;

const NOTHING: ReadKeyword = { holds: 'nothing' };
const skip = (note: string): ReadKeyword => ({ holds: 'nothing', note });
const keep = (value: unknown, note?: string): ReadKeyword => ({ holds: 'value', value, ...(note !== undefined && { note }) });

const readNumber: Read = (value) => {
  if (typeof value === 'number' || (isExactNumber(value) && isComparable(value.rawJSON))) return keep(value);
  if (typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value))
    return keep(Number(value), 'a number that is written as text');
  return skip('it is no number, so it is not checked');
};

/** How many: more than any double keeps is more than there can be. */
const readCount: Read = (value, node) => {
  const read = readNumber(value, node);
  return isExactNumber(read.value) ? keep(Number(read.value.rawJSON)) : read;
};

/** The boolean form is that of draft 04: it says how the keyword beside it is meant. */
const readExclusive =
  (beside: 'minimum' | 'maximum'): Read =>
  (value, node) => {
    if (typeof value !== 'boolean') return readNumber(value, node);
    const limit = readNumber(node[beside], node).value;
    if (!value || limit === undefined) return skip('in the form of draft 04, without a limit');
    return keep(limit, `in the form of draft 04: ${beside} itself is excluded`);
  };

/** Draft 04 marks the limit itself as excluded, which is kept under the keyword that later drafts have for that. */
const readLimit =
  (exclusive: 'exclusiveMinimum' | 'exclusiveMaximum'): Read =>
  (value, node) =>
    node[exclusive] === true ? NOTHING : readNumber(value, node);

const readText: Read = (value) => (typeof value === 'string' ? keep(value) : skip('it is no text, so it is not checked'));
const readBoolean: Read = (value) =>
  typeof value === 'boolean' ? keep(value) : skip('it is neither true nor false, so it is not checked');

const readRequired: Read = (value) => {
  if (Array.isArray(value)) {
    const names = value.filter((name) => typeof name === 'string');
    return keep([...new Set(names)], names.length === value.length ? undefined : 'names that are no texts are passed over');
  }
  if (typeof value === 'boolean')
    return skip('in the form of draft 03, a boolean beside the argument itself: left to the server');
  if (typeof value === 'string') return keep([value], 'one name in place of a list');
  return skip('it is no list of names, so it is not checked');
};

const readType: Read = (value) => {
  const words: unknown[] = [value].flat();
  if (value === null || words.length === 0) return skip('it names no type, so every value is taken');
  const read = words.map((word) => (word === null ? 'null' : typeof word === 'string' ? readTypeWord(word) : null));
  if (read.includes(null)) return { ...keep(value), broken: 'it names a type that JSON Schema does not have' };
  if (read.includes('any')) return skip('it is read as: every value');
  const types = [...new Set(read)];
  const isSaid = read.every((type, index) => type === words[index]);
  return keep(types.length === 1 ? types[0] : types, isSaid ? undefined : `it is read as: ${types.join(' or ')}`);
};

const readEnum: Read = (value) => {
  if (!Array.isArray(value)) return skip('it is no list, so it is not checked');
  return value.length === 0 ? skip('it lists nothing, so it is not checked') : keep(value);
};

const readMultiple: Read = (value, node) => {
  const read = readNumber(value, node);
  const { value: of } = read;
  const isNumber = typeof of === 'number' || isExactNumber(of);
  return isNumber && compareNumbers(of, 0) <= 0 ? skip('it is not more than 0, so it is not checked') : read;
};

const readMap: Read = (value) =>
  isJsonObject(value) ? { holds: 'map', value } : skip('it is no object, so there is nothing in it');

const readDependencies: Read = (value) => {
  if (!isJsonObject(value)) return skip('it is no object, so there is nothing in it');
  const lists = Object.entries(value).map(([name, part]) => [name, typeof part === 'string' ? [part] : part] as const);
  return { holds: 'map', value: Object.fromEntries(lists) };
};

const readDependentRequired: Read = (value) => {
  if (!isJsonObject(value)) return skip('it is no object, so there is nothing in it');
  const lists = Object.entries(value).flatMap(([name, part]) => {
    const names = [part].flat().filter((text) => typeof text === 'string');
    return names.length === 0 ? [] : [[name, [...new Set(names)]] as const];
  });
  return keep(Object.fromEntries(lists));
};

const readSchemas: Read = (value) =>
  Array.isArray(value) && value.length > 0 ? { holds: 'list', value } : skip('it is no list of schemas, so it is not checked');

const readSchema: Read = (value) => ({ holds: 'schema', value });
/** Before 2020-12 a list has a schema for each position. */
const readItems: Read = (value) => ({ holds: Array.isArray(value) ? 'list' : 'schema', value });
/** A name of its own decides on nothing. */
const dropName: Read = () => NOTHING;

/** Every keyword that decides on a value, and those that hold data or words about it. */
export const KEYWORDS: Readonly<Record<string, Read>> = {
  type: readType,
  enum: readEnum,
  const: (value) => keep(value),
  ...Object.fromEntries(
    ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'minContains', 'maxContains'].map(
      (name) => [name, readCount],
    ),
  ),
  multipleOf: readMultiple,
  minimum: readLimit('exclusiveMinimum'),
  maximum: readLimit('exclusiveMaximum'),
  exclusiveMinimum: readExclusive('minimum'),
  exclusiveMaximum: readExclusive('maximum'),
  pattern: readText,
  uniqueItems: readBoolean,
  required: readRequired,
  dependentRequired: readDependentRequired,
  ...Object.fromEntries(
    ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions'].map((name) => [name, readMap]),
  ),
  dependencies: readDependencies,
  ...Object.fromEntries(['allOf', 'anyOf', 'oneOf', 'prefixItems'].map((name) => [name, readSchemas])),
  items: readItems,
  ...Object.fromEntries(
    [
      'additionalItems',
      'unevaluatedItems',
      'contains',
      'additionalProperties',
      'unevaluatedProperties',
      'propertyNames',
      'not',
      'if',
      'then',
      'else',
    ].map((name) => [name, readSchema]),
  ),
  ...Object.fromEntries(['$ref', '$dynamicRef', '$recursiveRef', '$anchor', '$dynamicAnchor'].map((name) => [name, readText])),
  $recursiveAnchor: readBoolean,
  ...Object.fromEntries(
    ['$id', 'id', '$schema', '$comment', '$vocabulary', '$async', 'nullable'].map((name) => [name, dropName]),
  ),
  // only for an argument that is missing
  default: (value) => keep(value),
  // data, and words about a value
  ...Object.fromEntries(
    ['examples', 'example', 'title', 'description', 'format', 'contentSchema'].map((name) => [name, dropName]),
  ),
};

/** Reads one keyword of `node`. */
export function readKeyword(node: JsonObject, keyword: string, value: unknown): ReadKeyword {
  const read = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
  return read ? read(value, node) : { holds: 'unknown', value };
}
