import type { z } from 'zod';

import { RevocationsBack } from '@gatehouse/protocol/revocations';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { listPublicKeys } from '../keyset/read-keyset.ts';
import { findSigningKeyId } from '../signing/keys.ts';
import { hashPayload, toEnvelopeRow } from './envelope-row.ts';
import { openEntry } from './open-entry.ts';
import { isNeeded } from './write-revocations.ts';

export const ForwardRevocations = RevocationsBack.pick({ entries: true });
export type ForwardRevocations = z.input<typeof ForwardRevocations>;

/** Entries of one tenant that wait to be taken over; an agent hands the rest back when it connects again. */
const MAX_WAITING = 20_000;

/**
 * Puts entries that an agent has and the log has not where the worker finds them. Nothing is revoked or lifted by that: the worker checks the
 * tenant's signature itself. What has no such signature, or was pruned, is not even kept. Returns how many are.
 */
export async function forwardRevocations({ ctx, input }: { ctx: ServiceContext; input: ForwardRevocations }): Promise<number> {
  authorize(ctx, 'revocation.hand_over');
  const { entries } = parseInput(ForwardRevocations, input);
  const { agentId } = requireAgent(ctx);
  const { tenantId } = ctx;
  return mutate(
    ctx,
    async ({ tx }) => {
      const trust = { tenantId, keys: await listPublicKeys(tx, tenantId), signingKeyId: await findSigningKeyId(tx, tenantId) };
      const head = await tx.revocationHead.findUnique({ where: { tenantId }, select: { prunedUntil: true } });
      const signed = entries.filter((envelope) => {
        const entry = openEntry(envelope, trust);
        return entry !== null && isNeeded(entry.revocation, head?.prunedUntil ?? null);
      });
      const rows = signed.map(toEnvelopeRow).map((row) => ({ tenantId, agentId, hash: hashPayload(row.payload), ...row }));
      const where = { tenantId, hash: { in: rows.map(({ hash }) => hash) } };
      const known = new Set((await tx.revocation.findMany({ where, select: { hash: true } })).map(({ hash }) => hash));
      const lacking = rows.filter(({ hash }) => !known.has(hash));
      if (lacking.length === 0) return 0;
      if ((await tx.revocationHandover.count({ where: { tenantId } })) >= MAX_WAITING) {
        throw new ServiceError('unavailable', 'Enough entries wait to be taken over. Send these again later.');
      }
      return (await tx.revocationHandover.createMany({ data: lacking, skipDuplicates: true })).count;
    },
    { audited: false },
  );
}
