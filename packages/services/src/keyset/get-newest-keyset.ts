import type { SignedEnvelope } from '@gatehouse/protocol/envelope';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { listSigningKeyIds, readKeyset } from './read-keyset.ts';

/** The newest keyset of the agent's tenant, and whose signatures count by it; null before the first. */
export async function getNewestKeyset({
  ctx,
}: {
  ctx: ServiceContext;
}): Promise<{ version: number; keyIds: string[]; envelope: SignedEnvelope } | null> {
  authorize(ctx, 'config.read');
  const newest = await read(ctx, (tx) => readKeyset(tx, ctx.tenantId));
  return newest && { version: newest.keyset.version, keyIds: listSigningKeyIds(newest), envelope: newest.envelope };
}
