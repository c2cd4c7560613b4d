import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../../list/list-input.ts';
import { describeRequests, type PublishRequestRow, WITH_PROFILE } from './request-row.ts';

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
      include: WITH_PROFILE,
    });
    return { rows: orderByIds(ids, await describeRequests(tx, tenantId, found), ({ id }) => id), ...page };
  });
}
