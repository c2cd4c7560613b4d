import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { MOST_BESIDE } from '../../list/find-page.ts';
import { requireServer } from '../require-server.ts';

export const GetServerUse = z.strictObject({ serverId: z.uuid() });
export type GetServerUse = z.input<typeof GetServerUse>;

/** A profile that holds something of a server. */
export interface ProfileUse {
  id: string;
  slug: string;
  name: string;
  /** how many entries of the server the version in force serves; 0: only the draft holds some */
  published: number;
  isInDraft: boolean;
  isDisabled: boolean;
}

/** What would stop working with a server. */
export interface ServerUse {
  /** how many there are, and the first of them by name */
  profileCount: number;
  profiles: ProfileUse[];
  /** who has a client key in force for one of those that serve it */
  people: number;
  /** by its newest receipt; null: there is none */
  lastCallAt: Date | null;
}

/** Who would notice that a server is gone: told before it is archived or deleted. Throws `not_found`. */
export async function getServerUse({ ctx, input }: { ctx: ServiceContext; input: GetServerUse }): Promise<ServerUse> {
  authorize(ctx, 'server.manage');
  const { serverId } = parseInput(GetServerUse, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    await requireServer(tx, tenantId, { serverId });
    const profiles = await listProfileUses(tx, tenantId, serverId);
    const serving = profiles.filter(({ published, isDisabled }) => published > 0 && !isDisabled).map(({ id }) => id);
    const keys = await tx.clientKey.groupBy({
      by: ['membershipId'],
      where: { tenantId, profileId: { in: serving }, revokedAt: null, expiresAt: { gt: ctx.runtime.now() } },
    });
    return {
      profileCount: profiles.length,
      profiles: profiles.slice(0, MOST_BESIDE),
      people: keys.length,
      lastCallAt: await findLastCall(tx, tenantId, serverId),
    };
  });
}

/** Every profile whose version in force or draft names a server, by name. */
export function listProfileUses(tx: TenantTx, tenantId: string, serverId: string): Promise<ProfileUse[]> {
  return tx.$queryRaw<ProfileUse[]>`
    select * from (
      select p.id, p.slug, p.name, p.disabled_at is not null as "isDisabled",
        (select count(*)::int from jsonb_array_elements(v.document -> 'entries') entry where entry ->> 'serverId' = ${serverId}) as published,
        exists (select from jsonb_array_elements(p.draft -> 'entries') entry where entry ->> 'serverId' = ${serverId}) as "isInDraft"
      from profile p
      left join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
      where p.tenant_id = ${tenantId}::uuid
    ) use where published > 0 or "isInDraft" order by name, id`;
}

/** By the names of what it has offered, because receipts are found by name: of each the newest. */
async function findLastCall(tx: TenantTx, tenantId: string, serverId: string): Promise<Date | null> {
  const [row] = await tx.$queryRaw<{ at: Date | null }[]>`
    select max(newest.received_at) as at from (
      select distinct e.name from server_revision r join revision_entry e on e.tenant_id = r.tenant_id and e.revision_id = r.id
      where r.tenant_id = ${tenantId}::uuid and r.server_id = ${serverId}::uuid
    ) offered cross join lateral (
      select c.received_at from receipt c
      where c.tenant_id = ${tenantId}::uuid and c.name = offered.name and c.server_id = ${serverId}::uuid
      order by c.received_at desc limit 1
    ) newest`;
  return row?.at ?? null;
}
