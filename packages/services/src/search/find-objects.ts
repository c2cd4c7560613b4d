import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted, type PersonPermission } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { buildSearchCondition } from '../list/list-input.ts';
import { MEMBER_NAME } from '../person-names.ts';
import { EVERY_ACCESS } from '../profile/effective-access.ts';

/** Of each kind so many are found: who looks for more goes to its list. */
const MOST_OF_KIND = 5;

export const FindObjects = z.strictObject({ text: z.string().trim().min(1).max(200) });
export type FindObjects = z.input<typeof FindObjects>;

export interface FoundObject {
  kind: 'server' | 'profile' | 'agent' | 'site' | 'member' | 'group' | 'review' | 'call';
  id: string;
  name: string;
  /** what tells two of one name apart: an address, a site, a state */
  hint: string;
  /** by what its page is found: a slug, or the id */
  ref: string;
}

/** Who asks, and whether that is for all profiles and calls or for the own ones. */
interface Asker {
  tenantId: string;
  actorId: string;
  now: Date;
  seesProfiles: boolean;
  seesCalls: boolean;
}

interface Kind {
  kind: FoundObject['kind'];
  permission: PersonPermission;
  /** id, name, hint and ref, of the tenant's, up to its `where` */
  select: (asker: Asker) => Prisma.Sql;
  id: Prisma.Sql;
  searched: readonly Prisma.Sql[];
  order: Prisma.Sql;
}

const toSql = (text: string): Prisma.Sql => Prisma.raw(text);

const KINDS: readonly Kind[] = [
  {
    kind: 'server',
    permission: 'server.read',
    select: ({
      tenantId,
    }) => Prisma.sql`select s.id, s.name, coalesce(s.transport ->> 'url', s.transport ->> 'baseUrl', s.transport ->> 'entry', '') as hint,
      s.slug as ref from server s where s.tenant_id = ${tenantId}::uuid`,
    id: toSql('s.id'),
    searched: [
      toSql('s.name'),
      toSql('s.slug'),
      toSql("s.transport ->> 'url'"),
      toSql("s.transport ->> 'baseUrl'"),
      toSql("s.transport ->> 'entry'"),
    ],
    order: toSql('s.archived_at is not null, lower(s.name)'),
  },
  {
    kind: 'profile',
    permission: 'profile.use',
    select: (asker) => Prisma.sql`select p.id, p.name, p.slug as hint, p.slug as ref from profile p
      where p.tenant_id = ${asker.tenantId}::uuid ${asker.seesProfiles ? Prisma.empty : buildOwnCondition(asker)}`,
    id: toSql('p.id'),
    searched: [toSql('p.name'), toSql('p.slug'), toSql('p.description')],
    order: toSql('p.archived_at is not null, lower(p.name)'),
  },
  {
    kind: 'agent',
    permission: 'agent.read',
    select: ({ tenantId }) => Prisma.sql`select a.id, a.name, s.name as hint, a.id::text as ref
      from agent a join site s on s.tenant_id = a.tenant_id and s.id = a.site_id where a.tenant_id = ${tenantId}::uuid`,
    id: toSql('a.id'),
    searched: [toSql('a.name'), toSql('a.hostname')],
    order: toSql('a.archived_at is not null, a.name'),
  },
  {
    kind: 'site',
    permission: 'site.read',
    select: ({ tenantId }) => Prisma.sql`select s.id, s.name, s.slug as hint, s.slug as ref from site s
      where s.tenant_id = ${tenantId}::uuid and s.ended_at is null`,
    id: toSql('s.id'),
    searched: [toSql('s.name'), toSql('s.slug')],
    order: toSql('lower(s.name)'),
  },
  {
    kind: 'member',
    permission: 'member.read',
    select: ({ tenantId }) => Prisma.sql`select m.id, ${MEMBER_NAME} as name, m.email as hint, m.email as ref
      from membership m join "user" u on u.id = m.user_id where m.tenant_id = ${tenantId}::uuid and m.ended_at is null`,
    id: toSql('m.id'),
    searched: [MEMBER_NAME, toSql('m.email')],
    order: Prisma.sql`lower(${MEMBER_NAME})`,
  },
  {
    kind: 'group',
    permission: 'group.read',
    select: ({ tenantId }) => Prisma.sql`select g.id, g.name, g.description as hint, g.id::text as ref from person_group g
      where g.tenant_id = ${tenantId}::uuid`,
    id: toSql('g.id'),
    searched: [toSql('g.name'), toSql('g.description')],
    order: toSql('lower(g.name)'),
  },
  {
    kind: 'review',
    permission: 'review.read',
    select: ({ tenantId }) => Prisma.sql`select v.id, s.name || ' r' || r.number as name, v.state::text as hint, v.id::text as ref
      from review v join server s on s.tenant_id = v.tenant_id and s.id = v.server_id
      join server_revision r on r.tenant_id = v.tenant_id and r.id = v.revision_id where v.tenant_id = ${tenantId}::uuid`,
    id: toSql('v.id'),
    searched: [toSql('s.name'), toSql('s.slug')],
    order: toSql("v.state <> 'open', v.created_at desc"),
  },
];

function buildOwnCondition({ actorId, now }: Asker): Prisma.Sql {
  return Prisma.sql`and p.disabled_at is null and p.published_version is not null and exists (select from ${EVERY_ACCESS} may
    where may.tenant_id = p.tenant_id and may.profile_id = p.id and may.membership_id = ${actorId}::uuid and (may.until is null or may.until > ${now}))`;
}

const Id = z.uuid();

/** What in the workspace is called so, of what the one who asks may see: a few of each kind. An id finds exactly what has it, calls too. */
export async function findObjects({ ctx, input }: { ctx: ServiceContext; input: FindObjects }): Promise<FoundObject[]> {
  authorize(ctx, 'profile.use');
  const { text } = parseInput(FindObjects, input);
  const { data: id } = Id.safeParse(text.toLowerCase());
  const { tenantId, actor } = ctx;
  const asker = {
    tenantId,
    actorId: getActorId(actor),
    now: ctx.runtime.now(),
    seesProfiles: isPermitted(actor, 'profile.read'),
    seesCalls: isPermitted(actor, 'receipt.read'),
  };
  return read(ctx, async (tx) => {
    const found: FoundObject[] = [];
    for (const { kind, permission, select, searched, order, ...columns } of KINDS) {
      if (!isPermitted(actor, permission)) continue;
      const wanted = id ? Prisma.sql`and ${columns.id} = ${id}::uuid` : buildSearchCondition(searched, text);
      const rows = await tx.$queryRaw<
        Omit<FoundObject, 'kind'>[]
      >`${select(asker)} ${wanted} order by ${order} limit ${MOST_OF_KIND}`;
      found.push(...rows.map((row) => ({ kind, ...row })));
    }
    return id ? [...found, ...(await findCall(tx, asker, id))] : found;
  });
}

async function findCall(tx: TenantTx, { tenantId, actorId, seesCalls }: Asker, id: string): Promise<FoundObject[]> {
  const own = seesCalls ? {} : { personId: actorId };
  const call = await tx.receipt.findFirst({
    where: { tenantId, id, ...own },
    select: { name: true, method: true, outcome: true },
  });
  return call ? [{ kind: 'call', id, name: call.name ?? call.method ?? 'Call', hint: call.outcome, ref: id }] : [];
}
