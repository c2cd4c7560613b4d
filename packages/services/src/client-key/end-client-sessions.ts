import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../errors.ts';
import { writeRevocations } from '../revocation/write-revocations.ts';

export const EndClientSessions = z.strictObject({ keyId: z.uuid() });
export type EndClientSessions = z.input<typeof EndClientSessions>;

/**
 * Ends the sessions that AI clients have open by a client key, at every agent; the key goes on working, so a client that still has it may open
 * another one. Another person's key is `not_found` for those who may not manage keys, `conflict` one that does not work any more.
 */
export async function endClientSessions({ ctx, input }: { ctx: ServiceContext; input: EndClientSessions }): Promise<void> {
  authorize(ctx, 'client_key.own');
  const { keyId } = parseInput(EndClientSessions, input);
  const { tenantId, actor, runtime } = ctx;
  await runtime.throttle.consume('session_end', [tenantId, getActorId(actor)]);
  await mutate(ctx, async (m) => {
    const key = await m.tx.clientKey.findUnique({ where: { tenantId_id: { tenantId, id: keyId } } });
    const isOwn = key?.membershipId === getActorId(actor);
    if (!key || (!isOwn && !isPermitted(actor, 'client_key.manage'))) throw createNotFoundError('client key');
    if (key.revokedAt || key.expiresAt <= runtime.now()) {
      throw new ServiceError('conflict', 'This key does not work any more, so nothing is open by it. Reload the page.');
    }
    const auditId = createActId();
    await m.audit({ id: auditId, action: 'client_key.end_sessions', entityType: 'client_key', entityId: keyId });
    const until = key.expiresAt.toISOString();
    await writeRevocations(m, ctx, [{ act: 'before', subject: { kind: 'session', id: keyId }, until, auditId }]);
  });
}
