import { z } from 'zod';

import type { AccessRequestState, Prisma } from '@gatehouse/db/client';

import { buildDecidedBy } from '../approver/approvers.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { CursorTime, cutPage, type Page, readCursor } from '../cursor.ts';
import { parseInput } from '../errors.ts';
import { getPersonNames, type PersonName } from '../person-names.ts';

const Position = z.tuple([CursorTime, z.uuid()]);

export const ListAccessRequests = z.object({
  /** left out: of all profiles that one decides on */
  profileId: z.uuid().optional(),
  state: z.enum(['open', 'closed']).optional(),
  /** `nextCursor` of the page before */
  cursor: z.string().max(500).optional(),
  limit: z.int().min(1).max(200).default(50),
});
export type ListAccessRequests = z.input<typeof ListAccessRequests>;

/** Somebody asked for a profile, and what came of it. */
export interface AccessRequestRow {
  id: string;
  profile: { id: string; slug: string; name: string };
  state: AccessRequestState;
  person: PersonName;
  reason: string;
  requestedAt: Date;
  wantedUntil: Date | null;
  decidedBy: PersonName | null;
  decidedAt: Date | null;
  /** why it was refused */
  decision: string | null;
  grantedUntil: Date | null;
  /** by the one who asks for the list: nobody decides on what they asked for themselves */
  isOwn: boolean;
}

/** What was asked of the one who asks for the list: as an owner or approver of profiles, or as one who may give access where nobody is named. Newest first. */
export async function listAccessRequests({
  ctx,
  input = {},
}: {
  ctx: ServiceContext;
  input?: ListAccessRequests;
}): Promise<Page<AccessRequestRow>> {
  authorize(ctx, 'profile.use');
  const { profileId, state, cursor, limit } = parseInput(ListAccessRequests, input);
  const { tenantId, actor } = ctx;
  const own = getActorId(actor);
  const [at, id] = cursor === undefined ? [] : readCursor(Position, cursor);
  const where: Prisma.AccessRequestWhereInput = {
    tenantId,
    ...(profileId !== undefined && { profileId }),
    profile: buildDecidedBy(actor),
    ...(state === undefined ? {} : { state: state === 'open' ? 'open' : { not: 'open' } }),
    ...(at && { OR: [{ requestedAt: { lt: at } }, { requestedAt: at, id: { lt: id } }] }),
  };
  return read(ctx, async (tx) => {
    const found = await tx.accessRequest.findMany({
      where,
      orderBy: [{ requestedAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
      include: { profile: { select: { id: true, slug: true, name: true } } },
    });
    const { page, nextCursor } = cutPage(found, limit, (row) => [row.requestedAt.toISOString(), row.id]);
    const people = await getPersonNames(
      tx,
      tenantId,
      page.flatMap(({ membershipId, decidedBy }) => [membershipId, decidedBy]),
    );
    const rows = page.map(({ tenantId: _tenant, profileId: _profile, membershipId, decidedBy, ...row }) => ({
      ...row,
      person: people.get(membershipId),
      decidedBy: decidedBy === null ? null : people.get(decidedBy),
      isOwn: membershipId === own,
    }));
    return { rows, nextCursor };
  });
}
