import { ItemKind } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { z } from 'zod';

import { ServiceError } from '../errors.ts';
import type { LoadedReview } from './find-review.ts';
import { itemName } from './item-views.ts';

/** The decision on one prompt, resource or resource template of a review. */
export const ItemChoice = z.strictObject({
  kind: z.enum(ItemKind),
  name: z.string().min(1).max(2_048),
  verdict: z.enum(['approved', 'rejected']),
  note: z.string().trim().max(1_000).optional(),
});
export type ItemChoice = z.output<typeof ItemChoice>;

/** Throws `invalid` unless every item is decided once, and no others. */
export function checkItemChoices(review: LoadedReview, choices: readonly ItemChoice[]): void {
  const decided = new Set(choices.map(itemName));
  const listed = new Set(review.revision.items.map(itemName));
  const missing = review.revision.items.filter((item) => !decided.has(itemName(item)));
  if (missing.length > 0) {
    const names = missing.slice(0, 5).map(({ name }) => name);
    throw new ServiceError('invalid', `Decide every prompt and resource. Still open: ${names.join(', ')}.`);
  }
  if (decided.size !== choices.length) {
    throw new ServiceError('invalid', 'A prompt or resource is decided twice. Reload the page.');
  }
  const unknown = choices.find((choice) => !listed.has(itemName(choice)));
  if (unknown) {
    throw new ServiceError('invalid', `This revision has no ${unknown.kind} "${unknown.name}". Reload the page.`);
  }
}

export async function storeItemDecisions(
  tx: TenantTx,
  { tenantId, id: reviewId, serverId, revision }: LoadedReview,
  choices: readonly ItemChoice[],
  made: { decidedBy: string; decidedAt: Date },
): Promise<void> {
  const choiceOf = new Map(choices.map((choice) => [itemName(choice), choice]));
  await tx.itemDecision.deleteMany({ where: { tenantId, reviewId } });
  await tx.itemDecision.createMany({
    data: revision.items.flatMap((item) => {
      const choice = choiceOf.get(itemName(item));
      if (!choice) return [];
      const { kind, name, verdict, note } = choice;
      return [{ tenantId, reviewId, serverId, kind, name, pin: item.pin, verdict, note, ...made }];
    }),
  });
}
