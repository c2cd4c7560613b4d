import type { z } from 'zod';

import { DefinitionsObserved } from '@gatehouse/protocol/messages';

import { toLoggedCounts } from '../audit/logged-counts.ts';
import { mutate, read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { createNotFoundError, parseExact } from '../errors.ts';
import { createServerTextRedactor } from '../redact-text.ts';
import { lockServer } from '../server/require-server.ts';
import { askForSnapshots } from './ask-for-snapshots.ts';
import { keepLook } from './keep-look.ts';
import { openRevision } from './open-revision.ts';
import { countRefused, sortEntries } from './sort-entries.ts';

export const RecordObservation = DefinitionsObserved.omit({ type: true });
export type RecordObservation = z.input<typeof RecordObservation>;

/**
 * Takes in what an agent sees that a server offers at its site, without being asked. From then on the site serves what is published, approved
 * and seen there; what nobody has decided on waits for a review that nobody asked for. Saying it again changes nothing. Throws `not_found` for a
 * server that is not at the agent's site, RateLimitError when it says too much.
 */
export async function recordObservation({ ctx, input }: { ctx: ServiceContext; input: RecordObservation }): Promise<void> {
  authorize(ctx, 'discovery.report');
  const { agentId, siteId } = requireAgent(ctx);
  const { tenantId, runtime } = ctx;
  await runtime.throttle.consume('observation_agent', [agentId]);
  const { serverId, offer } = parseExact(RecordObservation, input);
  const place = { tenantId, serverId, siteId };
  const isReachable = await read(ctx, (tx) => tx.serverSite.count({ where: place }));
  if (isReachable === 0) throw createNotFoundError('server');
  await runtime.throttle.consume('observation_server', [agentId, serverId]);
  // checking is slow, so it is done before the transaction opens
  const { accepted, refused } = await sortEntries(offer.entries);

  const isChange = await mutate(
    ctx,
    async (mutation) => {
      const { transport, archivedAt } = await lockServer(mutation.tx, tenantId, serverId);
      // an agent that does not know it yet: nobody is asked to decide on what is put away
      if (archivedAt !== null) return false;
      const now = runtime.now();
      const watch = { siteId, agentId };
      const found = { tenantId, now, serverId, requestedBy: null, watch, found: offer, entries: accepted };
      const opened = await openRevision(mutation, found);
      const isNews = await keepLook(mutation.tx, {
        tenantId,
        revisionId: opened.revisionId,
        ...watch,
        lookedAt: now,
        told: offer.leftOut,
        refused,
        redact: createServerTextRedactor(transport),
      });
      if (isNews) mutation.signal('server', serverId);
      if (!opened.isChange) return false;
      const { revisionId, number: revision, isNew, openReviewId: reviewId } = opened;
      await mutation.audit({
        action: 'server.observe',
        entityType: 'server',
        entityId: serverId,
        after: {
          siteId,
          revisionId,
          revision,
          newRevision: isNew,
          reviewId,
          ...toLoggedCounts(accepted),
          refused: countRefused(refused),
        },
      });
      if (!isNews) mutation.signal('server', serverId);
      if (isNew && reviewId) mutation.signal('review', reviewId);
      return true;
    },
    { audited: false },
  );
  if (isChange) await askForSnapshots(ctx);
}
