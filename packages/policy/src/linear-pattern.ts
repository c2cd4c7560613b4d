import { RE2JS } from 're2js';

/** Longer strings are not matched against a pattern: matching is linear but slow. */
const MAX_MATCHED_CHARACTERS = 16_384;

/** Null when the pattern needs look-around or back-references, which cannot be matched in linear time. */
export function linearPattern(pattern: string): RE2JS | null {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return null;
  }
}

/**
 * Regular expressions for ajv that a hostile schema cannot make slow. What cannot be matched in linear time counts as a match: the pattern
 * is the upstream's own rule, and the upstream checks it again.
 */
export const linearRegExp = Object.assign(
  (pattern: string) => {
    const compiled = linearPattern(pattern);
    return {
      test: (text: string) => !compiled || text.length > MAX_MATCHED_CHARACTERS || compiled.matcher(text).find(),
      // ajv keeps one object per toString(), so it has to differ from pattern to pattern
      toString: () => `linear:${pattern}`,
    };
  },
  { code: 'linearRegExp' },
);
