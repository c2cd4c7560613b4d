import { _, type Code, type KeywordCxt, type KeywordDefinition } from 'ajv';

import { isMultiple } from '../documents/exact-number.ts';
import { isJsonObject } from '../documents/json.ts';

/** Sub-schemas that look at values in one check: less than a second of work, and more than a call of any use needs. */
const MAX_STEPS = 1_000_000;
/** So much text is read in the time of one step. */
const CHARACTERS_PER_STEP = 32;

/** The values and the schema together ask for more work than one check may take. */
export class CheckTooLong extends Error {
  override readonly name = 'CheckTooLong';
}

/**
 * Bounds one check, whatever schema and values it is of: references that meet again at each level of a value multiply without end, and a few
 * lines of schema can look at each of a million values hundreds of times.
 */
export class CheckBudget {
  #left = MAX_STEPS;

  renew(): void {
    this.#left = MAX_STEPS;
  }

  /** Throws CheckTooLong when nothing is left. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new CheckTooLong('The check takes too long');
  }

  spendOnText(characters: number): void {
    this.spend(Math.ceil(characters / CHARACTERS_PER_STEP));
  }
}

/**
 * ajv's code with a step before each sub-schema. It runs with the budget as `this`. ajv has no place for that, so this goes by how it writes
 * its code; check-budget.test.ts fails when that changes.
 */
export function countSteps(code: string): string {
  return code.replaceAll(/const _errs\d+ = errors;|let errors = 0;/g, 'this.spend(1);$&');
}

/** What stands in the place of ajv's own keywords that take more time than in proportion, or as long as a text is. */
export function createBoundKeywords(budget: CheckBudget): KeywordDefinition[] {
  const uniqueItems: KeywordDefinition = {
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must NOT have duplicate items' },
    validate: (isAsked: boolean, items: readonly unknown[]) => !isAsked || hasDistinctItems(items, budget),
  };
  const enumeration: KeywordDefinition = {
    keyword: 'enum',
    schemaType: 'array',
    error: {
      message: 'must be equal to one of the allowed values',
      params: listAllowed,
    },
    compile: (allowed: readonly unknown[]) => createMembershipTest(allowed, budget),
  };
  const createLengthKeyword = (
    keyword: string,
    comparison: string,
    fits: (length: number, limit: number) => boolean,
  ): KeywordDefinition => ({
    keyword,
    type: 'string',
    schemaType: 'number',
    error: { message: describeLimit(comparison) },
    validate: (limit: number, text: string) => fits(countCharacters(text, limit, budget), limit),
  });
  // as decimals, as people write prices: ajv divides doubles, and then 19.99 is no multiple of 0.01
  const multipleOf: KeywordDefinition = {
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    error: { message: describeMultiple },
    validate: (of: number, value: number) => isMultiple(value, of),
  };
  return [
    uniqueItems,
    enumeration,
    multipleOf,
    createLengthKeyword('maxLength', 'more', (length, limit) => length <= limit),
    createLengthKeyword('minLength', 'fewer', (length, limit) => length >= limit),
  ];
}

/** Code, which ajv writes into its own. */
export function listAllowed({ schemaCode }: Pick<KeywordCxt, 'schemaCode'>): Code {
  return _`{allowedValues: ${schemaCode}}`;
}

function describeMultiple({ schema }: { schema: unknown }): string {
  return `must be multiple of ${String(schema)}`;
}

function describeLimit(comparison: string): (context: { schema: unknown }) => string {
  return ({ schema }) => `must NOT have ${comparison} than ${String(schema)} characters`;
}

/** Looks a value up; ajv compares it with each that is allowed, and there may be thousands. */
export function createMembershipTest(allowed: readonly unknown[], budget: CheckBudget): (value: unknown) => boolean {
  if (allowed.length === 0) throw new TypeError('An enumeration of nothing');
  const [objects, scalars] = [allowed.filter(isObject), new Set(allowed.filter((value) => !isObject(value)))];
  const texts = new Set(objects.map(toComparedText));
  return (value) => {
    if (!isObject(value)) return scalars.has(value);
    if (texts.size === 0) return false;
    const text = toComparedText(value);
    budget.spendOnText(text.length);
    return texts.has(text);
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The same for two values that are equal as JSON. Also of what has no canonical form, as half of a surrogate pair in a text. */
function toComparedText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isJsonObject(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

/** Compares texts of the items; ajv compares each item with every other. */
function hasDistinctItems(items: readonly unknown[], budget: CheckBudget): boolean {
  const seen = new Set<string>();
  return items.every((item) => {
    const text = toComparedText(item);
    budget.spendOnText(text.length);
    return seen.size < seen.add(text).size;
  });
}

/** Exact where it matters for `limit`: a character takes one or two units of a text. */
function countCharacters(text: string, limit: number, budget: CheckBudget): number {
  if (text.length < limit || text.length / 2 > limit) return text.length;
  budget.spendOnText(text.length);
  let count = 0;
  for (const _character of text) count += 1;
  return count;
}
