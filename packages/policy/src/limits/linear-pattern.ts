import { RE2JS } from 're2js';

import type { CheckBudget } from './check-budget.ts';
import { computePatternCost } from './pattern-cost.ts';

/** Longer strings are not matched against a pattern: matching is linear but slow. */
const MAX_MATCHED_CHARACTERS = 16_384;
/** Steps of one pattern, and of all patterns of a schema together: compiling takes some microseconds for each. */
const MAX_PATTERN_COST = 2_000;
const MAX_SCHEMA_COST = 10_000;
/** What every pattern takes, however short. */
const BASE_COST = 50;
/** Steps times characters of one match. */
const MAX_MATCH_COST = 4_000_000;

/** Null when the pattern needs look-around or back-references, which cannot be matched in linear time, or is too long to be compiled. */
export function compileLinearPattern(pattern: string): RE2JS | null {
  if (computePatternCost(pattern) > MAX_PATTERN_COST) return null;
  try {
    return RE2JS.compile(pattern);
  } catch {
    return null;
  }
}

/**
 * Regular expressions of one schema for ajv, such that a hostile schema cannot make them slow. What cannot be matched in linear time, or is
 * one pattern too many, counts as a match: the pattern is the upstream's own rule, and the upstream checks it again.
 */
export function createLinearRegExps(budget: CheckBudget) {
  const known = new Map<string, { test: (text: string) => boolean; toString: () => string }>();
  let spent = 0;
  const make = (pattern: string) => {
    const cost = computePatternCost(pattern);
    const compiled = (spent += cost + BASE_COST) > MAX_SCHEMA_COST ? null : compileLinearPattern(pattern);
    const longest = Math.min(MAX_MATCHED_CHARACTERS, MAX_MATCH_COST / cost);
    return {
      test(text: string) {
        if (!compiled || text.length > longest) return true;
        budget.spendOnText(text.length * cost);
        return compiled.matcher(text).find();
      },
      // ajv keeps one object per toString(), so it has to differ from pattern to pattern
      toString: () => `linear:${pattern}`,
    };
  };
  const regExp = (pattern: string) => {
    const found = known.get(pattern) ?? make(pattern);
    known.set(pattern, found);
    return found;
  };
  return Object.assign(regExp, { code: 'linearRegExp' });
}
