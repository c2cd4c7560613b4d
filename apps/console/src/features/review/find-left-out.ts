import type { EntryRef } from '@gatehouse/policy/documents/catalogue-entry';

import type { ReviewDetail } from './summary.ts';

/** What was left out under the name of an entry, at whatever site. */
export function findLeftOut(
  heldBack: ReviewDetail['heldBack'],
  { kind, name }: EntryRef,
): ReviewDetail['heldBack'][number]['parts'] {
  return heldBack.flatMap(({ parts }) => parts.filter((part) => part.kind === kind && part.name === name));
}
