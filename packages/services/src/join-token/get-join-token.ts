import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { JoinTokenFailure } from './failure.ts';

export const GetJoinToken = z.strictObject({ id: z.uuid() });
export type GetJoinToken = z.input<typeof GetJoinToken>;

/** How far the enrolment with a token has come: each time is a fact, null until it happened. */
export interface JoinTokenProgress {
  id: string;
  agentName: string;
  siteId: string;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  /** an agent asked for the root key */
  presentedAt: Date | null;
  /** an agent got its identity */
  usedAt: Date | null;
  agentId: string | null;
  /** as the agent is called: another name than it was to have, where that was taken. Null before it enrolled */
  enrolledName: string | null;
  connectedAt: Date | null;
  /** the agent acknowledged its first configuration */
  ackedAt: Date | null;
  failureCode: JoinTokenFailure | null;
  failureAt: Date | null;
}

/** One join token, with how far the enrolment by it has come. Throws `not_found`. */
export async function getJoinToken({ ctx, input }: { ctx: ServiceContext; input: GetJoinToken }): Promise<JoinTokenProgress> {
  authorize(ctx, 'agent.manage');
  const { id } = parseInput(GetJoinToken, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const token = await tx.joinToken.findUnique({ where: { tenantId_id: { tenantId, id } } });
    if (!token) throw createNotFoundError('join token');
    const agentId = token.usedByAgentId;
    const agent =
      agentId === null
        ? null
        : await tx.agent.findUnique({
            where: { tenantId_id: { tenantId, id: agentId } },
            select: { name: true, connectedAt: true, ackedAt: true },
          });
    const failure = JoinTokenFailure.safeParse(token.failureCode);
    return {
      id,
      agentName: token.agentName,
      siteId: token.siteId,
      createdAt: token.createdAt,
      expiresAt: token.expiresAt,
      revokedAt: token.revokedAt,
      presentedAt: token.presentedAt,
      usedAt: token.usedAt,
      agentId,
      enrolledName: agent?.name ?? null,
      connectedAt: agent?.connectedAt ?? null,
      ackedAt: agent?.ackedAt ?? null,
      failureCode: failure.success ? failure.data : null,
      failureAt: token.failureAt,
    };
  });
}
