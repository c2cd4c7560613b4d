import { z } from 'zod';

import type { SignedEnvelope } from '@gatehouse/protocol/envelope';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { listSigningKeyIds, readKeyset } from './read-keyset.ts';

export const GetNewestKeyset = z.object({
  /** answer null unless the newest version is newer than this */
  newerThan: z.int().nonnegative().default(0),
});
export type GetNewestKeyset = z.input<typeof GetNewestKeyset>;

/** The newest keyset of the agent's tenant, and whose signatures count by it; null before the first. */
export async function getNewestKeyset({
  ctx,
  input = {},
}: {
  ctx: ServiceContext;
  input?: GetNewestKeyset;
}): Promise<{ version: number; keyIds: string[]; envelope: SignedEnvelope } | null> {
  authorize(ctx, 'config.read');
  const { newerThan } = parseInput(GetNewestKeyset, input);
  const { tenantId } = ctx;
  const newest = await read(ctx, async (tx) => {
    const isNewer = (await tx.keyset.count({ where: { tenantId, version: { gt: newerThan } } })) > 0;
    return isNewer ? readKeyset(tx, tenantId) : null;
  });
  return newest && { version: newest.keyset.version, keyIds: listSigningKeyIds(newest), envelope: newest.envelope };
}
