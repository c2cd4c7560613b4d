import type { z } from 'zod';

import { DiscoveryProgress } from '@gatehouse/protocol/messages';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseReport } from '../errors.ts';
import { createServerTextRedactor } from '../redact-text.ts';
import { requireServer } from '../server/require-server.ts';
import { StageEntry } from './discovery-view.ts';
import { isFinished, lockOwnDiscovery } from './lock-discovery.ts';

export const RecordProgress = DiscoveryProgress.omit({ type: true });
export type RecordProgress = z.input<typeof RecordProgress>;

/** two for each stage, and room for retries */
const MAX_STAGES = 20;

/** Notes a stage that an agent reports of a discovery it was asked for. What comes after the end is dropped. */
export async function recordProgress({ ctx, input }: { ctx: ServiceContext; input: RecordProgress }): Promise<void> {
  authorize(ctx, 'discovery.report');
  const { discoveryId, detail, ...entry } = parseReport(RecordProgress, input);
  const { tenantId } = ctx;

  await mutate(
    ctx,
    async ({ tx, signal }) => {
      const discovery = await lockOwnDiscovery(tx, ctx, discoveryId);
      const stages = StageEntry.array().parse(discovery.stages);
      if (isFinished(discovery) || stages.length >= MAX_STAGES) return;
      const { transport } = await requireServer(tx, tenantId, { serverId: discovery.serverId });
      const stage = { ...entry, ...(detail === undefined ? {} : { detail: createServerTextRedactor(transport)(detail) }) };
      await tx.discovery.update({
        where: { tenantId_id: { tenantId, id: discoveryId } },
        data: { status: 'running', stages: [...stages, stage] },
      });
      signal('discovery', discoveryId);
    },
    { audited: false },
  );
}
