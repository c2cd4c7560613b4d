import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
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

export const ListServers = z
  .strictObject({
    /** those that were archived, and no others */
    archived: z.boolean().default(false),
  })
  .prefault({});
export type ListServers = z.input<typeof ListServers>;

/** Every server of the tenant that is in use, by name; or every one that was archived. */
export async function listServers({ ctx, input }: { ctx: ServiceContext; input?: ListServers }): Promise<ServerListRow[]> {
  authorize(ctx, 'server.read');
  const { archived } = parseInput(ListServers, input);
  const { tenantId } = ctx;
  const { log } = ctx.runtime;
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const rows = await tx.server.findMany({
      where: { tenantId, archivedAt: archived ? { not: null } : null },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      select: SERVER_ROW,
    });
    // a few of many: nothing is read of the others
    const which = { tenantId, now, ...(archived && { serverIds: rows.map(({ id }) => id) }) };
    const histories = await getServerHistories(tx, which);
    const counts = await countOffered(tx, which);
    const health = await getAgentHealthByServer(tx, which, log);
    const profiles = await countProfilesByServer(tx, which);
    return rows.flatMap((row) => {
      const history = histories.get(row.id);
      if (!history) return [];
      const summary = toServerSummary(row, history, counts.get(row.id) ?? [], health.get(row.id) ?? [], { now, log });
      return [{ ...summary, profileCount: profiles.get(row.id) ?? 0 }];
    });
  });
}
