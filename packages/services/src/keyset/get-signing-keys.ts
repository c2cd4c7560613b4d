import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { nameAgents, type NamedAgents, nameLaggingAgents } from './lagging-agents.ts';
import { readKeyset } from './read-keyset.ts';

/** Which keys sign for a workspace, and how far its agents are. */
export interface SigningKeys {
  /** newest first: one that signs, the others retired */
  keys: { id: string; isRoot: boolean; createdAt: Date; retiredAt: Date | null }[];
  /** 0: none is signed yet */
  keysetVersion: number;
  /** they take only what the root signs, and hold a rotation up */
  lagging: NamedAgents;
  /** they hold an older keyset, and take the newest when they connect */
  behind: NamedAgents;
  /** they hold a newer keyset than this database, which was restored to before it: nothing reaches them until the key is rotated */
  ahead: NamedAgents;
}

/** The signing keys of the workspace, without the keys themselves. */
export async function getSigningKeys({ ctx }: { ctx: ServiceContext }): Promise<SigningKeys> {
  authorize(ctx, 'signing_key.read');
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const keysetVersion = (await readKeyset(tx, tenantId))?.keyset.version ?? 0;
    return {
      keys: await tx.signingKey.findMany({
        where: { tenantId },
        select: { id: true, isRoot: true, createdAt: true, retiredAt: true },
        orderBy: { createdAt: 'desc' },
      }),
      keysetVersion,
      lagging: await nameLaggingAgents(tx, tenantId),
      behind: await nameAgents(tx, tenantId, {
        features: { has: 'keyset' },
        keysetVersion: { lt: keysetVersion },
        aheadKeyset: null,
      }),
      ahead: await nameAgents(tx, tenantId, { aheadKeyset: { not: null } }),
    };
  });
}
