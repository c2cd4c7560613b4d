import * as z from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { LeftOutPart } from '@gatehouse/protocol/left-out';

/** As it is stored: redacted, by which a text may have become longer than an agent may send it. */
export const StoredLeftOut = z.object({
  parts: z.array(
    z.object({
      ...LeftOutPart.shape,
      name: z.string().nullable(),
      pointer: z.string().nullable(),
      keyword: z.string().nullable(),
      reason: z.string(),
    }),
  ),
  more: z.int().nonnegative(),
});

/** What of a server is not offered for review, at one site. Its texts are those of the server and of the agent: untrusted. */
export interface HeldBack extends z.infer<typeof StoredLeftOut> {
  site: { id: string; name: string };
  /** null: removed since */
  agentName: string | null;
  lookedAt: Date;
}

/** What the last looks that found a revision left out, for each site where something was. */
export function listHeldBack(
  tx: TenantTx,
  { tenantId, revisionId }: { tenantId: string; revisionId: string },
): Promise<HeldBack[]> {
  return readNewestLooks(tx, tenantId, Prisma.sql`r.id = ${revisionId}::uuid`);
}

/** The same of the last look at a server at each of its sites, whatever it found. */
export function listHeldBackNow(
  tx: TenantTx,
  { tenantId, serverId }: { tenantId: string; serverId: string },
): Promise<HeldBack[]> {
  const isHere = Prisma.sql`r.number > (select former_revisions from server where tenant_id = r.tenant_id and id = r.server_id)`;
  return readNewestLooks(tx, tenantId, Prisma.sql`r.server_id = ${serverId}::uuid and ${isHere}`);
}

const Look = z.object({
  siteId: z.string(),
  siteName: z.string(),
  agentName: z.string().nullable(),
  lookedAt: z.date(),
  leftOut: StoredLeftOut,
});

/** `about`: a condition on the revisions `r`. One look of each site. */
async function readNewestLooks(tx: TenantTx, tenantId: string, about: Prisma.Sql): Promise<HeldBack[]> {
  const rows = await tx.$queryRaw<unknown[]>(Prisma.sql`
    select s.id as "siteId", s.name as "siteName", a.name as "agentName", l.looked_at as "lookedAt", l.left_out as "leftOut"
    from (
      select distinct on (l.site_id) l.* from revision_look l
      join server_revision r on r.tenant_id = l.tenant_id and r.id = l.revision_id
      where l.tenant_id = ${tenantId}::uuid and ${about}
      order by l.site_id, l.looked_at desc, r.number desc
    ) l
    join site s on s.tenant_id = l.tenant_id and s.id = l.site_id
    left join agent a on a.tenant_id = l.tenant_id and a.id = l.agent_id
    order by s.name, s.id`);
  return Look.array()
    .parse(rows)
    .map(({ siteId: id, siteName: name, leftOut, ...look }) => ({ site: { id, name }, ...look, ...leftOut }))
    .filter(({ parts, more }) => parts.length + more > 0);
}
