import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { countOffered } from '../snapshot/offered-entries.ts';
import {
  getAgentHealthByServer,
  countProfilesByServer,
  SERVER_ROW,
  type ServerSummary,
  toServerSummary,
} from './server-facts.ts';
import { getServerHistories } from './server-histories.ts';

export interface ServerListRow extends ServerSummary {
  /** enabled profiles, drafts included, that select something of it */
  profileCount: number;
}

/** Every server of the tenant, by name. */
export async function listServers({ ctx }: { ctx: ServiceContext }): Promise<ServerListRow[]> {
  authorize(ctx, 'server.read');
  const { tenantId } = ctx;
  const { log } = ctx.runtime;
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const rows = await tx.server.findMany({
      where: { tenantId },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      select: SERVER_ROW,
    });
    const histories = await getServerHistories(tx, { tenantId });
    const counts = await countOffered(tx, { tenantId, now });
    const health = await getAgentHealthByServer(tx, { tenantId, now }, log);
    const profiles = await countProfilesByServer(tx, { tenantId });
    return rows.flatMap((row) => {
      const history = histories.get(row.id);
      if (!history) return [];
      const summary = toServerSummary(row, history, counts.get(row.id) ?? [], health.get(row.id) ?? [], { now, log });
      return [{ ...summary, profileCount: profiles.get(row.id) ?? 0 }];
    });
  });
}
