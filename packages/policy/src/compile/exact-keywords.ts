import { _, type Code, type KeywordCxt, type KeywordDefinition } from 'ajv';

import { compareNumbers, isExactNumber, isMultiple, writeNumber, type ExactNumber } from '../documents/exact-number.ts';
import { mapLeaves } from '../documents/json-pointer.ts';
import { createMembershipTest, listAllowed, type CheckBudget } from '../limits/check-budget.ts';

/** Which number of a call each stand-in stands for, during one check. */
export class StoodFor {
  #exact: ReadonlyMap<number, ExactNumber> = new Map();

  get isEmpty(): boolean {
    return this.#exact.size === 0;
  }

  set(exact: ReadonlyMap<number, ExactNumber>): void {
    this.#exact = exact;
  }

  get(value: number): number | ExactNumber {
    return this.#exact.get(value) ?? value;
  }
}

/** Whether a schema has a number that no double keeps. */
export function holdsExactNumber(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  return isExactNumber(schema) || Object.values(schema).some(holdsExactNumber);
}

type Comparison = (order: number) => boolean;

const LIMITS: readonly [keyword: string, sign: string, fits: Comparison][] = [
  ['minimum', '>=', (order) => order >= 0],
  ['maximum', '<=', (order) => order <= 0],
  ['exclusiveMinimum', '>', (order) => order > 0],
  ['exclusiveMaximum', '<', (order) => order < 0],
];

/** What stands in the place of the keywords that compare with numbers, in the check of a schema that has some which no double keeps: each compares all digits. */
export function createExactKeywords(budget: CheckBudget, stoodFor: StoodFor): KeywordDefinition[] {
  const limits = LIMITS.map(([keyword, sign, fits]): KeywordDefinition => ({
    keyword,
    type: 'number',
    error: { message: createMessage(`must be ${sign}`) },
    validate: (limit: number | ExactNumber, value: number) => fits(compareNumbers(stoodFor.get(value), limit)),
  }));
  const multipleOf: KeywordDefinition = {
    keyword: 'multipleOf',
    type: 'number',
    error: { message: createMessage('must be multiple of') },
    validate: (of: number | ExactNumber, value: number) => isMultiple(stoodFor.get(value), of),
  };
  const compileMembership = (allowed: readonly unknown[]): ((value: unknown) => boolean) => {
    const isMember = createMembershipTest(allowed.map(toCompared), budget);
    return (value) => isMember(toCompared(restore(value, stoodFor)));
  };
  return [
    ...limits,
    multipleOf,
    {
      keyword: 'enum',
      schemaType: 'array',
      error: { message: 'must be equal to one of the allowed values', params: listAllowed },
      compile: compileMembership,
    },
    {
      keyword: 'const',
      error: { message: 'must be equal to constant', params: listOnly },
      compile: (only: unknown) => compileMembership([only]),
    },
  ];
}

/** Code, which ajv writes into its own. */
function listOnly({ schemaCode }: Pick<KeywordCxt, 'schemaCode'>): Code {
  return _`{allowedValue: ${schemaCode}}`;
}

function createMessage(words: string): (context: { schema: unknown }) => string {
  return ({ schema }) => (typeof schema === 'number' || isExactNumber(schema) ? `${words} ${writeNumber(schema)}` : words);
}

/** The digits of such a number, in a form that equals no other value of JSON. */
function toCompared(value: unknown): unknown {
  return isExactNumber(value) ? Symbol.for(`number ${value.rawJSON}`) : value;
}

function restore(value: unknown, stoodFor: StoodFor): unknown {
  if (stoodFor.isEmpty) return value;
  return mapLeaves(value, (leaf) => (typeof leaf === 'number' ? stoodFor.get(leaf) : leaf));
}
