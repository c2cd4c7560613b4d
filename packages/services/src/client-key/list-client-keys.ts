import { z } from 'zod';

import type { Prisma } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { DAY_MS } from '../durations.ts';
import { parseInput } from '../errors.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';

export const ListClientKeys = z.strictObject({
  profileId: z.uuid().optional(),
  /** one's own only, also for those who may see all */
  own: z.boolean().default(false),
  /** those of this member */
  membershipId: z.uuid().optional(),
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
  revokedAt: Date | null;
  /** time of the newest call by it that arrived, to about a minute; null: none that is known */
  lastUsedAt: Date | null;
}

const MAX_ROWS = 1_000;
/** What has ended is shown this long, for those who look why a client is refused. */
const SHOW_ENDED_MS = 30 * DAY_MS;

/** Client keys, newest first, never the keys themselves. Who may not manage keys sees only the own ones. */
export async function listClientKeys({ ctx, input }: { ctx: ServiceContext; input: ListClientKeys }): Promise<ClientKeyRow[]> {
  authorize(ctx, 'client_key.own');
  const { profileId, own, membershipId, withOld } = parseInput(ListClientKeys, input);
  const { tenantId, actor } = ctx;
  const onlyOwn = own || !isPermitted(actor, 'client_key.manage');
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const keys = await tx.clientKey.findMany({
      where: {
        tenantId,
        profileId,
        AND: [{ membershipId }, onlyOwn ? { membershipId: getActorId(actor) } : {}, withOld ? {} : buildShownFilter(now)],
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: MAX_ROWS,
      include: { profile: { select: { id: true, slug: true, name: true } } },
    });
    const people = await getPersonNames(
      tx,
      tenantId,
      keys.map(({ membershipId }) => membershipId),
    );
    return keys.map(({ id, name, profile, membershipId: holder, createdAt, expiresAt, revokedAt, lastUsedAt }) => ({
      id,
      name,
      profile,
      person: people.get(holder),
      state: revokedAt !== null ? 'revoked' : expiresAt <= now ? 'expired' : 'live',
      createdAt,
      expiresAt,
      revokedAt,
      lastUsedAt,
    }));
  });
}

function buildShownFilter(now: Date): Prisma.ClientKeyWhereInput {
  const since = new Date(now.getTime() - SHOW_ENDED_MS);
  return { expiresAt: { gt: since }, OR: [{ revokedAt: null }, { revokedAt: { gt: since } }] };
}
