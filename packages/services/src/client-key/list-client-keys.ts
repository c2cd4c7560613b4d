import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { DAY_MS } from '../durations.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../list/list-input.ts';
import { MEMBER_NAME, type PersonName, getPersonNames } from '../person-names.ts';
import { buildIsEnding } from './ending.ts';

export const ListClientKeys = z.strictObject({
  ...buildListInput(['made', 'name', 'person', 'profile', 'used', 'expires']),
  profileId: z.uuid().optional(),
  /** one's own only, also for those who may see all */
  own: z.boolean().default(false),
  /** those of this member */
  membershipId: z.uuid().optional(),
  /** `ending`: live, ends soon, and its person has no other that lasts */
  state: z.enum(['live', 'ending', 'expired', 'revoked']).optional(),
  /** also those that ended more than thirty days ago */
  withOld: z.boolean().default(false),
});
export type ListClientKeys = z.input<typeof ListClientKeys>;

export interface ClientKeyRow {
  id: string;
  name: string;
  profile: { id: string; slug: string; name: string };
  person: PersonName;
  state: 'live' | 'expired' | 'revoked';
  createdAt: Date;
  expiresAt: Date;
  /** it is live, ends soon, and its person has no other one to the profile that lasts */
  isEnding: boolean;
  revokedAt: Date | null;
  /** time of the newest call by it that arrived, to about a minute; null: none that is known */
  lastUsedAt: Date | null;
}

/** What has ended is shown this long, for those who look why a client is refused. */
const SHOW_ENDED_MS = 30 * DAY_MS;

const SORTS = {
  made: { key: Prisma.sql`k.created_at`, type: 'time', direction: 'desc' },
  name: { key: Prisma.sql`lower(k.name)`, type: 'text', direction: 'asc' },
  person: { key: Prisma.sql`lower(${MEMBER_NAME})`, type: 'text', direction: 'asc' },
  profile: { key: Prisma.sql`lower(p.name)`, type: 'text', direction: 'asc' },
  used: { key: Prisma.sql`coalesce(k.last_used_at, 'epoch')`, type: 'time', direction: 'desc' },
  expires: { key: Prisma.sql`k.expires_at`, type: 'time', direction: 'asc' },
} as const satisfies Record<string, SortKey>;

/** Client keys, newest first where nothing else is asked for, never the keys themselves. Who may not manage keys sees only the own ones. */
export async function listClientKeys({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: ListClientKeys;
}): Promise<ListPage<ClientKeyRow>> {
  authorize(ctx, 'client_key.own');
  const asked = parseInput(ListClientKeys, input);
  const { tenantId, actor } = ctx;
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const isOwn = asked.own || !isPermitted(actor, 'client_key.manage');
    const { ids, ...page } = await findKeys(tx, tenantId, now, { ...asked, holder: isOwn ? getActorId(actor) : undefined });
    const keys = await tx.clientKey.findMany({
      where: { tenantId, id: { in: ids } },
      include: { profile: { select: { id: true, slug: true, name: true } } },
    });
    const people = await getPersonNames(
      tx,
      tenantId,
      keys.map(({ membershipId }) => membershipId),
    );
    const ending = await loadEnding(tx, { tenantId, ids, now });
    const rows = orderByIds(ids, keys, ({ id }) => id).map(
      ({ id, name, profile, membershipId: holder, createdAt, expiresAt, revokedAt, lastUsedAt }) => ({
        id,
        name,
        profile,
        person: people.get(holder),
        state: revokedAt !== null ? ('revoked' as const) : expiresAt <= now ? ('expired' as const) : ('live' as const),
        createdAt,
        expiresAt,
        isEnding: ending.has(id),
        revokedAt,
        lastUsedAt,
      }),
    );
    return { rows, ...page };
  });
}

type Asked = z.output<typeof ListClientKeys> & { holder: string | undefined };

function findKeys(tx: TenantTx, tenantId: string, now: Date, input: Asked) {
  const { profileId, membershipId, holder, state, withOld, search } = input;
  const since = new Date(now.getTime() - SHOW_ENDED_MS);
  return findPage(tx, {
    from: Prisma.sql`client_key k
      join profile p on p.tenant_id = k.tenant_id and p.id = k.profile_id
      join membership m on m.tenant_id = k.tenant_id and m.id = k.membership_id
      join "user" u on u.id = m.user_id`,
    where: Prisma.sql`k.tenant_id = ${tenantId}::uuid
      ${buildWhen(profileId, (wanted) => Prisma.sql`k.profile_id = ${wanted}::uuid`)}
      ${buildWhen(membershipId, (wanted) => Prisma.sql`k.membership_id = ${wanted}::uuid`)}
      ${buildWhen(holder, (wanted) => Prisma.sql`k.membership_id = ${wanted}::uuid`)}
      ${buildWhen(state, (wanted) => buildStateCondition(wanted, now))}
      ${buildWhen(
        withOld ? undefined : since,
        (bound) =>
          Prisma.sql`k.expires_at > ${bound}::timestamptz and (k.revoked_at is null or k.revoked_at > ${bound}::timestamptz)`,
      )}
      ${buildSearchCondition([Prisma.sql`k.name`, Prisma.sql`p.name`, MEMBER_NAME, Prisma.sql`m.email`], search)}`,
    id: Prisma.sql`k.id`,
    sorts: SORTS,
    input,
  });
}

/** Those of these keys that are live and due to be followed by another. */
async function loadEnding(
  tx: TenantTx,
  { tenantId, ids, now }: { tenantId: string; ids: readonly string[]; now: Date },
): Promise<ReadonlySet<string>> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select k.id from client_key k
    where k.tenant_id = ${tenantId}::uuid and k.id = any(${ids}::uuid[]) and ${buildStateCondition('ending', now)}`;
  return new Set(rows.map(({ id }) => id));
}

function buildStateCondition(state: NonNullable<ListClientKeys['state']>, now: Date): Prisma.Sql {
  const isOver = Prisma.sql`k.expires_at <= ${now}::timestamptz`;
  switch (state) {
    case 'revoked':
      return Prisma.sql`k.revoked_at is not null`;
    case 'expired':
      return Prisma.sql`k.revoked_at is null and ${isOver}`;
    case 'live':
      return Prisma.sql`k.revoked_at is null and not ${isOver}`;
    case 'ending':
      return Prisma.sql`not ${isOver} and ${buildIsEnding(now)}`;
  }
}
