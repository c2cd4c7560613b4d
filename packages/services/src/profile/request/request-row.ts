import type { Prisma, PublishRequestState } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { getPersonNames, type PersonName } from '../../person-names.ts';

/** What somebody did, and when. */
interface Deed {
  by: PersonName;
  at: Date;
}

/** Somebody asked for a draft to be published, or published what its owner has to agree to, and what came of it. */
export interface PublishRequestRow {
  id: string;
  profile: { id: string; slug: string; name: string };
  state: PublishRequestState;
  note: string;
  /** the version whose choices it would bring back; null: it is of the draft */
  rolledBackTo: number | null;
  requestedBy: PersonName;
  requestedAt: Date;
  /** the draft was changed since it was asked for or published */
  isDraftNewer: boolean;
  /** who published it last, so that it waits for the owner of the profile; null: nobody has */
  proposed: Deed | null;
  /** who agreed to it last, or went on without the owner, and then why */
  consented: (Deed & { withoutOwner: string | null }) | null;
  decidedBy: PersonName | null;
  decidedAt: Date | null;
  /** why it was sent back */
  reason: string | null;
  /** number of the version that came of it */
  version: number | null;
}

export const WITH_PROFILE = { profile: { select: { id: true, slug: true, name: true, draftRevision: true } } } as const;

/** Requests as they are shown, with the names of now. */
export async function describeRequests(
  tx: TenantTx,
  tenantId: string,
  found: readonly Prisma.PublishRequestGetPayload<{ include: typeof WITH_PROFILE }>[],
): Promise<PublishRequestRow[]> {
  const people = await getPersonNames(
    tx,
    tenantId,
    found.flatMap(({ requestedBy, proposedBy, consentedBy, decidedBy }) => [requestedBy, proposedBy, consentedBy, decidedBy]),
  );
  const toDeed = (by: string | null, at: Date | null): Deed | null =>
    by === null || at === null ? null : { by: people.get(by), at };
  return found.map(({ profile: { draftRevision, ...profile }, ...row }) => {
    const consented = toDeed(row.consentedBy, row.consentedAt);
    return {
      id: row.id,
      profile,
      state: row.state,
      note: row.note,
      rolledBackTo: row.rolledBackTo,
      requestedBy: people.get(row.requestedBy),
      requestedAt: row.requestedAt,
      isDraftNewer: row.draftRevision !== draftRevision,
      proposed: toDeed(row.proposedBy, row.proposedAt),
      consented: consented && { ...consented, withoutOwner: row.consentReason },
      decidedBy: row.decidedBy === null ? null : people.get(row.decidedBy),
      decidedAt: row.decidedAt,
      reason: row.reason,
      version: row.version,
    };
  });
}
