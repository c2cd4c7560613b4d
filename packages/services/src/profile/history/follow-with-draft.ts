import type { Profile } from '@gatehouse/db/client';
import { putAside } from '@gatehouse/policy/curation/set-aside';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import type { Mutation } from '../../audit/mutate.ts';
import type { ServiceContext } from '../../context.ts';
import type { RollBack } from './build-roll-back.ts';

/**
 * After a roll-back: a draft without changes of its own follows, so that the next publish does not bring back what was rolled back. What was left out is
 * remembered with all that was chosen for it, as is what the draft had beside.
 */
export async function followWithDraft(
  { tx }: Mutation,
  { tenantId, runtime }: ServiceContext,
  { id, draft: stored }: Profile,
  { draft, document, isDraftKept }: RollBack,
): Promise<void> {
  if (isDraftKept) return;
  const before = ProfileDraft.parse(stored);
  const served = new Set(document.entries.map(toServerEntryKey));
  const entries = draft.entries.filter((entry) => served.has(toServerEntryKey(entry)));
  const next = { ...draft, entries, setAside: putAside(entries, before.entries, draft.entries, before.setAside) };
  const { name, description } = document;
  await tx.profile.update({
    where: { tenantId_id: { tenantId, id } },
    data: {
      name,
      description,
      revision: { increment: 1 },
      draft: next,
      draftRevision: { increment: 1 },
      draftUpdatedAt: runtime.now(),
    },
  });
}
