import { z } from 'zod';

import type { PublishRequestState } from '@gatehouse/db/client';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { CursorTime, cutPage, type Page, readCursor } from '../../cursor.ts';
import { parseInput } from '../../errors.ts';
import { getPersonNames, type PersonName } from '../../person-names.ts';

const Position = z.tuple([CursorTime, z.uuid()]);

export const ListPublishRequests = z.object({
  /** of one profile; left out: of all that are not archived */
  profileId: z.uuid().optional(),
  /** `decided`: published, sent back or withdrawn */
  state: z.enum(['open', 'decided']).optional(),
  /** `nextCursor` of the page before */
  cursor: z.string().max(500).optional(),
  limit: z.int().min(1).max(200).default(50),
});
export type ListPublishRequests = z.input<typeof ListPublishRequests>;

/** Somebody asked for a draft to be published, and what came of it. */
export interface PublishRequestRow {
  id: string;
  profile: { id: string; slug: string; name: string };
  state: PublishRequestState;
  note: string;
  requestedBy: PersonName;
  requestedAt: Date;
  /** the draft was changed since it was asked for */
  isDraftNewer: boolean;
  decidedBy: PersonName | null;
  decidedAt: Date | null;
  /** why it was sent back */
  reason: string | null;
  /** number of the version that came of it */
  version: number | null;
}

/** What was asked to be published, newest first. */
export async function listPublishRequests({
  ctx,
  input = {},
}: {
  ctx: ServiceContext;
  input?: ListPublishRequests;
}): Promise<Page<PublishRequestRow>> {
  authorize(ctx, 'profile.read');
  const { profileId, state, cursor, limit } = parseInput(ListPublishRequests, input);
  const { tenantId } = ctx;
  const [at, id] = cursor === undefined ? [] : readCursor(Position, cursor);
  return read(ctx, async (tx) => {
    const found = await tx.publishRequest.findMany({
      where: {
        tenantId,
        ...(profileId === undefined ? { profile: { archivedAt: null } } : { profileId }),
        ...(state === undefined ? {} : { state: state === 'open' ? 'open' : { not: 'open' } }),
        ...(at && { OR: [{ requestedAt: { lt: at } }, { requestedAt: at, id: { lt: id } }] }),
      },
      orderBy: [{ requestedAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      include: { profile: { select: { id: true, slug: true, name: true, draftRevision: true } } },
    });
    const { page, nextCursor } = cutPage(found, limit, (row) => [row.requestedAt.toISOString(), row.id]);
    const people = await getPersonNames(
      tx,
      tenantId,
      page.flatMap(({ requestedBy, decidedBy }) => [requestedBy, decidedBy]),
    );
    const rows = page.map(({ profile: { draftRevision, ...profile }, ...row }) => ({
      id: row.id,
      profile,
      state: row.state,
      note: row.note,
      requestedBy: people.get(row.requestedBy),
      requestedAt: row.requestedAt,
      isDraftNewer: row.draftRevision !== draftRevision,
      decidedBy: row.decidedBy === null ? null : people.get(row.decidedBy),
      decidedAt: row.decidedAt,
      reason: row.reason,
      version: row.version,
    }));
    return { rows, nextCursor };
  });
}
