import { runInTenant } from '@gatehouse/db/tenant';

import type { Runtime } from '../runtime.ts';
import { listWorkspaces } from './list-workspaces.ts';

/** Of the agents of one workspace that are in use: neither revoked nor quarantined. */
export interface AgentCount {
  workspace: string;
  agents: number;
  /** names of those that serve another version than their site should */
  behind: string[];
  /** names of those that said nothing for as long */
  silent: string[];
}

/** How the agents of every workspace stand, for whoever looks after the installation. As the console. `silentMs`: longer is silent. */
export async function countAgents(runtime: Runtime, { silentMs }: { silentMs: number }): Promise<AgentCount[]> {
  const since = new Date(runtime.now().getTime() - silentMs);
  const counts: AgentCount[] = [];
  for (const { id: tenantId, slug: workspace } of await listWorkspaces(runtime)) {
    const agents = await runInTenant(runtime.db, tenantId, (tx) =>
      tx.agent.findMany({
        where: { tenantId, revokedAt: null, quarantinedAt: null },
        select: { name: true, ackedVersion: true, lastSeenAt: true, site: { select: { snapshotVersion: true } } },
        orderBy: { name: 'asc' },
      }),
    );
    counts.push({
      workspace,
      agents: agents.length,
      behind: agents.filter(({ ackedVersion, site }) => ackedVersion < site.snapshotVersion).map(({ name }) => name),
      silent: agents.filter(({ lastSeenAt }) => lastSeenAt === null || lastSeenAt < since).map(({ name }) => name),
    });
  }
  return counts;
}
