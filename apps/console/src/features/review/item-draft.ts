import type { ApiInput } from '../../trpc/client.tsx';
import type { Tally } from './decision-draft.ts';
import type { ReviewDetail } from './summary.ts';

export type ReviewItem = ReviewDetail['items'][number];
export type ItemKind = ReviewItem['kind'];

/** What the reviewer has chosen for one prompt, resource or resource template so far. */
export interface ItemDraft {
  verdict: 'approved' | 'rejected' | null;
  note: string;
}

export type ItemsDraft = Readonly<Record<string, ItemDraft>>;

export const itemKey = ({ kind, name }: Pick<ReviewItem, 'kind' | 'name'>): string => `${kind} ${name}`;

export const ITEM_WORD: Record<ItemKind, string> = { prompt: 'prompt', resource: 'resource', template: 'resource template' };

/** Standing decisions stay as they are; the rest starts undecided. */
export function initialItems({ items }: Pick<ReviewDetail, 'items'>): ItemsDraft {
  return Object.fromEntries(
    items.map((item): [string, ItemDraft] => {
      const { verdict, note } = item.decision;
      return [itemKey(item), { verdict: verdict === 'pending' ? null : verdict, note: note ?? '' }];
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
    const chosen = draft[itemKey(item)];
    return chosen && chosen.verdict === null ? [[itemKey(item), { ...chosen, verdict }]] : [];
  });
  return { ...draft, ...Object.fromEntries(next) };
}

/** `items` of `review.decide`, once every one is decided. */
export function itemDecisionsOf(
  items: readonly ReviewItem[],
  draft: ItemsDraft,
): NonNullable<ApiInput['review']['decide']['items']> {
  return items.flatMap((item) => {
    const { verdict, note } = draft[itemKey(item)] ?? { verdict: null, note: '' };
    if (verdict === null) return [];
    return [{ kind: item.kind, name: item.name, verdict, ...(note.trim() ? { note: note.trim() } : {}) }];
  });
}
