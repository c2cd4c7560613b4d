import { entryKey } from '@gatehouse/policy/documents/catalogue-entry';

import type { ApiInput } from '../../trpc/client.tsx';
import type { Tally } from './decision-draft.ts';
import type { ReviewDetail, ReviewItem } from './summary.ts';

export type ItemKind = ReviewItem['kind'];

/** What the reviewer has chosen so far for one entry that is no tool. */
export interface ItemDraft {
  verdict: 'approved' | 'rejected' | null;
  note: string;
}

export type ItemsDraft = Readonly<Record<string, ItemDraft>>;

export const ITEM_WORD: Record<ItemKind, string> = {
  prompt: 'prompt',
  resource: 'resource',
  template: 'resource template',
  instructions: 'instructions',
};

/** Standing decisions stay as they are; the rest starts undecided. */
export function initialItems({ items }: Pick<ReviewDetail, 'items'>): ItemsDraft {
  return Object.fromEntries(
    items.map((item): [string, ItemDraft] => {
      const { verdict, note } = item.decision;
      return [entryKey(item), { verdict: verdict === 'pending' ? null : verdict, note: note ?? '' }];
    }),
  );
}

export function itemTally(draft: ItemsDraft): Tally {
  const verdicts = Object.values(draft).map(({ verdict }) => verdict);
  const count = (wanted: ItemDraft['verdict']): number => verdicts.filter((verdict) => verdict === wanted).length;
  return { approved: count('approved'), rejected: count('rejected'), undecided: count(null) };
}

/** Gives every undecided one of these the same verdict; what was decided one by one stays. */
export function decideAll(draft: ItemsDraft, items: readonly ReviewItem[], verdict: 'approved' | 'rejected'): ItemsDraft {
  const next = items.flatMap((item): [string, ItemDraft][] => {
    const chosen = draft[entryKey(item)];
    return chosen && chosen.verdict === null ? [[entryKey(item), { ...chosen, verdict }]] : [];
  });
  return { ...draft, ...Object.fromEntries(next) };
}

/** What `review.decide` is told of them, once every one is decided. */
export function itemDecisionsOf(items: readonly ReviewItem[], draft: ItemsDraft): ApiInput['review']['decide']['decisions'] {
  return items.flatMap((item) => {
    const { verdict, note } = draft[entryKey(item)] ?? { verdict: null, note: '' };
    if (verdict === null) return [];
    return [{ kind: item.kind, name: item.name, verdict, ...(note.trim() ? { note: note.trim() } : {}) }];
  });
}
