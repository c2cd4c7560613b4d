import { z } from 'zod';

import { Prisma, type PublishRequestState } from '@gatehouse/db/client';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../../list/list-input.ts';
import { getPersonNames, type PersonName } from '../../person-names.ts';

const SORTS = {
  asked: { key: Prisma.sql`r.requested_at`, type: 'time', direction: 'desc' },
  profile: { key: Prisma.sql`lower(p.name)`, type: 'text', direction: 'asc' },
} as const satisfies Record<string, SortKey>;

export const ListPublishRequests = z
  .strictObject({
    ...buildListInput(['asked', 'profile']),
    /** of one profile; left out: of all that are not archived */
    profileId: z.uuid().optional(),
    /** `decided`: published, sent back or withdrawn */
    state: z.enum(['open', 'decided']).optional(),
  })
  .prefault({});
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

/** What was asked to be published, newest first where nothing else is asked for. */
export async function listPublishRequests({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input?: ListPublishRequests;
}): Promise<ListPage<PublishRequestRow>> {
  authorize(ctx, 'profile.read');
  const asked = parseInput(ListPublishRequests, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const { ids, ...page } = await findPage(tx, {
      from: Prisma.sql`publish_request r join profile p on p.tenant_id = r.tenant_id and p.id = r.profile_id`,
      where: Prisma.sql`r.tenant_id = ${tenantId}::uuid
        and ${asked.profileId === undefined ? Prisma.sql`p.archived_at is null` : Prisma.sql`r.profile_id = ${asked.profileId}::uuid`}
        ${buildWhen(asked.state, (state) => (state === 'open' ? Prisma.sql`r.state = 'open'` : Prisma.sql`r.state <> 'open'`))}
        ${buildSearchCondition([Prisma.sql`p.name`, Prisma.sql`p.slug`, Prisma.sql`r.note`], asked.search)}`,
      id: Prisma.sql`r.id`,
      sorts: SORTS,
      input: asked,
    });
    const found = await tx.publishRequest.findMany({
      where: { tenantId, id: { in: ids } },
      include: { profile: { select: { id: true, slug: true, name: true, draftRevision: true } } },
    });
    const people = await getPersonNames(
      tx,
      tenantId,
      found.flatMap(({ requestedBy, decidedBy }) => [requestedBy, decidedBy]),
    );
    const rows = orderByIds(ids, found, ({ id }) => id).map(({ profile: { draftRevision, ...profile }, ...row }) => ({
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
    return { rows, ...page };
  });
}
