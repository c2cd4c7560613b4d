import { z } from 'zod';

import { type AccessRequestState, Prisma } from '@gatehouse/db/client';

import { buildIsDecided } from '../approver/approvers.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../list/list-input.ts';
import { getPersonNames, MEMBER_NAME, type PersonName } from '../person-names.ts';

const SORTS = {
  asked: { key: Prisma.sql`r.requested_at`, type: 'time', direction: 'desc' },
  // of who has left no account is seen any more
  person: { key: Prisma.sql`coalesce(lower(${MEMBER_NAME}), '')`, type: 'text', direction: 'asc' },
  profile: { key: Prisma.sql`lower(p.name)`, type: 'text', direction: 'asc' },
} as const satisfies Record<string, SortKey>;

export const ListAccessRequests = z
  .strictObject({
    ...buildListInput(['asked', 'person', 'profile']),
    /** left out: of all profiles that one decides on */
    profileId: z.uuid().optional(),
    state: z.enum(['open', 'closed']).optional(),
  })
  .prefault({});
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

/**
 * What was asked of the one who asks for the list: as an owner or approver of profiles, or as one who may give access where nobody is named. Newest first where
 * nothing else is asked for.
 */
export async function listAccessRequests({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input?: ListAccessRequests;
}): Promise<ListPage<AccessRequestRow>> {
  authorize(ctx, 'profile.use');
  const asked = parseInput(ListAccessRequests, input);
  const { tenantId, actor } = ctx;
  const own = getActorId(actor);
  return read(ctx, async (tx) => {
    const { ids, ...page } = await findPage(tx, {
      from: Prisma.sql`access_request r join profile p on p.tenant_id = r.tenant_id and p.id = r.profile_id
        join membership m on m.tenant_id = r.tenant_id and m.id = r.membership_id left join "user" u on u.id = m.user_id`,
      where: Prisma.sql`r.tenant_id = ${tenantId}::uuid and ${buildIsDecided(actor)}
        ${buildWhen(asked.profileId, (wanted) => Prisma.sql`r.profile_id = ${wanted}::uuid`)}
        ${buildWhen(asked.state, (state) => (state === 'open' ? Prisma.sql`r.state = 'open'` : Prisma.sql`r.state <> 'open'`))}
        ${buildSearchCondition([MEMBER_NAME, Prisma.sql`m.email`, Prisma.sql`p.name`, Prisma.sql`r.reason`], asked.search)}`,
      id: Prisma.sql`r.id`,
      sorts: SORTS,
      input: asked,
    });
    const found = await tx.accessRequest.findMany({
      where: { tenantId, id: { in: ids } },
      include: { profile: { select: { id: true, slug: true, name: true } } },
    });
    const people = await getPersonNames(
      tx,
      tenantId,
      found.flatMap(({ membershipId, decidedBy }) => [membershipId, decidedBy]),
    );
    const rows = orderByIds(ids, found, ({ id }) => id).map(
      ({ tenantId: _tenant, profileId: _profile, membershipId, decidedBy, ...row }) => ({
        ...row,
        person: people.get(membershipId),
        decidedBy: decidedBy === null ? null : people.get(decidedBy),
        isOwn: membershipId === own,
      }),
    );
    return { rows, ...page };
  });
}
