import type { ErrorObject } from 'ajv';

import { findObject } from '../curation/schema-reference.ts';
import { decodeSegment } from '../documents/json-pointer.ts';
import { toShownName } from '../names/shown-name.ts';
import { nameType, TYPES } from '../schema/type-words.ts';

/** Names of arguments in one sentence. */
const MAX_NAMES = 30;
/** Characters of the values that a schema allows. */
const MAX_VALUES = 300;

/**
 * One sentence for whoever called a tool: which argument is not taken, what is expected and what type came. Values are never repeated; what is named is a key
 * that the caller wrote or that the schema declares. `declared` names the arguments where the schema spreads them over alternatives.
 */
export function describeRefusal(errors: readonly ErrorObject[], declared?: Iterable<string>): string {
  const error = selectError(errors);
  if (!error) return 'The arguments do not fit the schema of this tool.';
  const path = readPath(error.instancePath);
  const params: Record<string, unknown> = error.params;
  switch (error.keyword) {
    case 'type':
    case 'anyOf':
      return describeExpected(path, listExpected(errors, error), error.data);
    case 'oneOf':
      return params['passingSchemas'] === null
        ? describeExpected(path, listExpected(errors, error), error.data)
        : `${name(path)} fits several of the forms that exclude each other; ${describeCame(error.data)} came.`;
    case 'required':
      return describeMissing(path, error, errors);
    case 'dependentRequired':
    case 'dependencies': {
      const missing = name([...path, String(params['missingProperty'])]);
      return `${missing} is required together with ${name([...path, String(params['property'])])}, and nothing came.`;
    }
    case 'additionalProperties':
      return describeUndeclared(path, [String(params['additionalProperty'])], listDeclared(error));
    case 'unevaluatedProperties': {
      const names = error.instancePath === '' && declared ? [...declared] : listDeclared(error);
      const key = String(params['unevaluatedProperty']);
      // declared by an alternative that the other arguments do not fit
      if (names.includes(key)) return `${name([...path, key])} does not go with the other arguments that came.`;
      return describeUndeclared(path, [key], names);
    }
    case 'propertyNames':
      return `${name(path)} does not take a key with the name ${writeKey(String(params['propertyName']))}.`;
    case 'false schema':
      return `${name(path)} is not taken; ${describeCame(error.data)} came.`;
    case 'enum':
      return `${name(path)} must be one of ${showValue(params['allowedValues'])}; ${describeCame(error.data)} came.`;
    case 'const':
      return `${name(path)} must be ${showValue(params['allowedValue'])}; ${describeCame(error.data)} came.`;
    case 'not':
      return `${name(path)} has a form that this tool excludes; ${describeCame(error.data)} came.`;
    default:
      return `${name(path)} ${(error.message ?? 'does not fit').replace('NOT', 'not')}; ${describeCame(error.data)} came.`;
  }
}

/** `pointer`: to a number of more digits than the schema can be asked about. */
export function describeUnclear(pointer: string): string {
  return `${name(readPath(pointer))} has more digits than can be checked against the schema of this tool. Send it as a text, or with fewer.`;
}

/** What is said to keys that are not declared, whether they are unknown or hidden. `path`: of the object that has them; none for the arguments themselves. */
export function describeUndeclared(path: readonly string[], keys: readonly string[], names: Iterable<string>): string {
  const whole = path.length === 0 ? 'This tool' : name(path);
  const shown = keys.slice(0, 5).map(writeKey).join(', ');
  const [known, more] = shorten([...names]);
  const takes = known.length === 0 ? 'none' : known.join(', ') + more;
  return `${whole} has no argument${keys.length > 1 ? 's' : ''} ${shown}; it takes ${takes}.`;
}

/** What stands for the type of a value in a sentence: "a string", "null". */
export function describeCame(value: unknown): string {
  return ARTICLES[nameType(value)];
}

function describeExpected(path: readonly string[], types: readonly string[], value: unknown): string {
  const expected = TYPES.filter((type) => types.includes(type)).map((type) => ARTICLES[type]);
  const must = expected.length === 0 ? 'fits none of the forms that it may have' : `must be ${expected.join(' or ')}`;
  return `${name(path)} ${must}; ${describeCame(value)} came.`;
}

function describeMissing(path: readonly string[], { parentSchema, params }: ErrorObject, errors: readonly ErrorObject[]): string {
  const all = errors.filter(({ keyword }) => keyword === 'required');
  // alternatives that each require another argument
  const missing = [...new Set(errors.length > 1 ? all.map((error) => readMissing(error.params)) : [readMissing(params)])];
  const [first] = missing;
  const property =
    missing.length === 1 && first !== undefined ? findObject(findObject(parentSchema, 'properties'), first) : undefined;
  const types = TYPES.filter((type) => [property?.['type']].flat().includes(type)).map((type) => ARTICLES[type]);
  const expected = types.length === 0 ? '' : `${types.join(' or ')} is expected, `;
  return `${missing.map((key) => name([...path, key])).join(' or ')} is required: ${expected}nothing came.`;
}

function readMissing(params: Record<string, unknown>): string {
  return String(params['missingProperty']);
}

/** The error that says most: of alternatives the one that is deepest in the value, because the caller meant that one. */
function selectError(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const last = errors.at(-1);
  const within = errors.slice(0, -1);
  if (!last || within.length === 0) return last;
  if (last.keyword === 'if') return selectError(within);
  if (last.keyword !== 'anyOf' && last.keyword !== 'oneOf') return last;
  const inner = within.filter(({ instancePath, keyword }) => instancePath !== last.instancePath || !OF_FORM.has(keyword));
  if (inner.length === 0) return last;
  return inner.reduce((deepest, error) => (countDepth(error) > countDepth(deepest) ? error : deepest));
}

/** Errors that say only that a value has not the form of an alternative. */
const OF_FORM = new Set(['type', 'anyOf', 'oneOf']);

function countDepth({ instancePath }: ErrorObject): number {
  return instancePath.split('/').length;
}

/** The types that the alternatives at one place of the value would take. */
function listExpected(errors: readonly ErrorObject[], { instancePath }: ErrorObject): string[] {
  return errors
    .filter((error) => error.keyword === 'type' && error.instancePath === instancePath)
    .flatMap(({ params }): unknown[] => [params['type']].flat())
    .flatMap((types) => String(types).split(','));
}

function listDeclared({ parentSchema }: ErrorObject): string[] {
  return Object.keys(findObject(parentSchema, 'properties') ?? {});
}

const ARTICLES = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'a boolean',
  object: 'an object',
  array: 'an array',
  null: 'null',
} as const;

function readPath(instancePath: string): string[] {
  return instancePath.split('/').slice(1).map(decodeSegment);
}

function name(path: readonly string[]): string {
  return path.length === 0 ? 'The object of the arguments' : `"${path.map(toShownName).join('.')}"`;
}

function writeKey(key: string): string {
  return `'${toShownName(key)}'`;
}

function showValue(value: unknown): string {
  return JSON.stringify(value).slice(0, MAX_VALUES);
}

function shorten(names: readonly string[]): [shown: string[], more: string] {
  const more = names.length - MAX_NAMES;
  return [names.slice(0, MAX_NAMES), more > 0 ? ` and ${more} more` : ''];
}
