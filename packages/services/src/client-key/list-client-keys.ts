import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';

export const ListClientKeys = z.strictObject({
  profileId: z.uuid().optional(),
  /** one's own only, also for those who may see all */
  own: z.boolean().default(false),
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
}

const MAX_ROWS = 1_000;

/** Client keys, newest first, never the keys themselves. Who may not manage keys sees only the own ones. */
export async function listClientKeys({ ctx, input }: { ctx: ServiceContext; input: ListClientKeys }): Promise<ClientKeyRow[]> {
  authorize(ctx, 'client_key.own');
  const { profileId, own } = parseInput(ListClientKeys, input);
  const { tenantId, actor } = ctx;
  const onlyOwn = own || !isPermitted(actor, 'client_key.manage');
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const keys = await tx.clientKey.findMany({
      where: { tenantId, ...(profileId ? { profileId } : {}), ...(onlyOwn ? { membershipId: getActorId(actor) } : {}) },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: MAX_ROWS,
      include: { profile: { select: { id: true, slug: true, name: true } } },
    });
    const people = await getPersonNames(
      tx,
      tenantId,
      keys.map(({ membershipId }) => membershipId),
    );
    return keys.map(({ id, name, profile, membershipId, createdAt, expiresAt, revokedAt }) => ({
      id,
      name,
      profile,
      person: people.get(membershipId),
      state: revokedAt !== null ? 'revoked' : expiresAt <= now ? 'expired' : 'live',
      createdAt,
      expiresAt,
      revokedAt,
    }));
  });
}
