import type { z } from 'zod';

import { KeysetStatus } from '@gatehouse/protocol/keyset';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { parseReport } from '../errors.ts';
import { findRootKey } from '../signing/keys.ts';
import { listSigningKeyIds, openKeyset, readKeyset } from './read-keyset.ts';

export const RecordKeyset = KeysetStatus.omit({ type: true });
export type RecordKeyset = z.input<typeof RecordKeyset>;

/**
 * Keeps which keyset the agent holds. One that this database does not have, as after a restore, is kept itself: the root has signed it, and the
 * next rotation goes on above it. Returns its version, 0 for none, and whose signatures the agent takes by it.
 */
export async function recordKeyset({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: RecordKeyset;
}): Promise<{ version: number; keyIds: string[]; isAhead: boolean }> {
  authorize(ctx, 'config.report');
  const { keyset: envelope } = parseReport(RecordKeyset, input);
  const { agentId } = requireAgent(ctx);
  const { tenantId } = ctx;
  return mutate(
    ctx,
    async ({ tx, signal }) => {
      const held = envelope && openKeyset(envelope, tenantId, await findRootKey(tx, tenantId));
      const newest = await readKeyset(tx, tenantId);
      const version = held?.keyset.version ?? 0;
      const isAhead = version >= (newest?.keyset.version ?? 1) && held?.envelope.payload !== newest?.envelope.payload;
      const { count } = await tx.agent.updateMany({
        where: {
          tenantId,
          id: agentId,
          OR: [{ keysetVersion: { not: version } }, { aheadKeyset: isAhead ? null : { not: null } }],
        },
        data: { keysetVersion: version, aheadKeyset: isAhead ? Buffer.from(JSON.stringify(envelope)) : null },
      });
      if (count > 0) signal('agent', agentId);
      return { version, keyIds: held ? listSigningKeyIds(held) : [], isAhead };
    },
    { audited: false },
  );
}
