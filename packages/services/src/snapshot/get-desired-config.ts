import { z } from 'zod';

import type { SignedEnvelope } from '@gatehouse/protocol/envelope';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';

export const GetDesiredConfig = z.object({
  /** answer null unless the newest snapshot is newer than this version */
  newerThan: z.int().nonnegative().default(0),
});
export type GetDesiredConfig = z.input<typeof GetDesiredConfig>;

/** The newest signed configuration of the agent's own site. */
export async function getDesiredConfig({
  ctx,
  input = {},
}: {
  ctx: ServiceContext;
  input?: GetDesiredConfig;
}): Promise<{ version: number; contentHash: string; envelope: SignedEnvelope } | null> {
  authorize(ctx, 'config.read');
  const { newerThan } = parseInput(GetDesiredConfig, input);
  const { siteId } = requireAgent(ctx);
  const snapshot = await read(ctx, (tx) =>
    tx.snapshot.findFirst({
      where: { tenantId: ctx.tenantId, siteId, version: { gt: BigInt(newerThan) } },
      orderBy: { version: 'desc' },
    }),
  );
  if (!snapshot) return null;
  return {
    version: Number(snapshot.version),
    contentHash: snapshot.contentHash,
    envelope: {
      payloadType: 'application/vnd.gatehouse.snapshot+json',
      payload: Buffer.from(snapshot.payload).toString('base64'),
      keyId: snapshot.keyId,
      signature: Buffer.from(snapshot.signature).toString('base64'),
    },
  };
}
