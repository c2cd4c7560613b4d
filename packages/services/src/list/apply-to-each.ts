import { z } from 'zod';

import { type ServiceErrorCode, toServiceError } from '../errors.ts';

/** As many as are chosen of the longest page of a list. */
const MOST_AT_ONCE = 200;

/** What one act is done to, each named once. */
export const ManyIds = z
  .array(z.uuid())
  .min(1)
  .max(MOST_AT_ONCE)
  .refine((ids) => new Set(ids).size === ids.length, 'Name each once.');

/** What came of one act on several things: it was done to those that are not refused. */
export interface ManyOutcome {
  refused: {
    /** its place among those that were named, from 0 on */
    at: number;
    code: ServiceErrorCode;
    /** for the person who acts: what happened and what to do */
    message: string;
  }[];
}

/**
 * Does one act to several things, one after the other and each in its own transaction, so that what is refused of one keeps none of the others, and says which were
 * refused and why. Throws what nobody foresaw.
 */
export async function applyToEach(ids: readonly string[], apply: (id: string) => Promise<unknown>): Promise<ManyOutcome> {
  const refused: ManyOutcome['refused'] = [];
  for (const [at, id] of ids.entries()) {
    try {
      await apply(id);
    } catch (cause) {
      const error = toServiceError(cause);
      if (!error) throw cause;
      refused.push({ at, code: error.code, message: error.message });
    }
  }
  return { refused };
}
