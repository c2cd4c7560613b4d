import * as z from 'zod';

import { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';

import { TEXT_LIMITS } from './text-limits.ts';

/** Most parts that are told of one look at a server; of the others only how many they are. */
export const MOST_LEFT_OUT = 2_000;

/**
 * Why something is left out. `unsound`: it cannot be read, or breaks a bound; `secret`: what reads as a secret stands in it; `credential`: a credential of the
 * agent does; `repeated`: the name is taken; `too_many`: there is more than fits; `unlisted`: its list could not be read.
 */
export const LeftOutCause = z.enum(['unsound', 'secret', 'credential', 'repeated', 'too_many', 'unlisted']);
export type LeftOutCause = z.infer<typeof LeftOutCause>;

/** One reason why a definition of a server, or the rest of a list, is not offered for review. A definition may have several. */
export const LeftOutPart = z.strictObject({
  kind: EntryKind,
  /** of the entry, made printable; null: it is about a list, or the name itself has to stay at the site */
  name: z.string().max(TEXT_LIMITS.leftOutName).nullable(),
  /** JSON Pointer in the definition: "/inputSchema/properties/a/$ref"; null: it is about the whole */
  pointer: z.string().max(TEXT_LIMITS.leftOutPointer).nullable(),
  /** of a schema; null: it is about no keyword */
  keyword: z.string().max(TEXT_LIMITS.leftOutKeyword).nullable(),
  cause: LeftOutCause,
  /** in words for a reviewer */
  reason: z.string().max(TEXT_LIMITS.reason),
});
export type LeftOutPart = z.infer<typeof LeftOutPart>;

/** The same with its texts, which are those of a server and of what is said of it, made into others. */
export function mapTexts(
  part: LeftOutPart,
  change: (text: string, field: 'name' | 'pointer' | 'keyword' | 'reason') => string,
): LeftOutPart {
  const { kind, name, pointer, keyword, cause, reason } = part;
  return {
    kind,
    name: name === null ? null : change(name, 'name'),
    pointer: pointer === null ? null : change(pointer, 'pointer'),
    keyword: keyword === null ? null : change(keyword, 'keyword'),
    cause,
    reason: change(reason, 'reason'),
  };
}

/** Everything that one look at a server left out, in the order in which the server lists it. */
export const LeftOut = z.strictObject({
  parts: z.array(LeftOutPart).max(MOST_LEFT_OUT),
  /** how many further parts there were */
  more: z.int().nonnegative(),
});
export type LeftOut = z.infer<typeof LeftOut>;
