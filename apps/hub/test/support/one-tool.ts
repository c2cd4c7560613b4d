import type { ServiceContext } from '@gatehouse/services/context';
import { getDiscovery } from '@gatehouse/services/discovery/get-discovery';
import { startDiscovery } from '@gatehouse/services/discovery/start-discovery';
import { createProfile } from '@gatehouse/services/profile/create-profile';
import { saveDraft } from '@gatehouse/services/profile/draft/save-draft';
import { publishProfile } from '@gatehouse/services/profile/publish/publish-profile';
import type { DecideReview } from '@gatehouse/services/review/decide-review';
import { createServer } from '@gatehouse/services/server/create-server';

import { expectWithin, startMcpServer, startSite } from './site.ts';
import type { RunningHub, Workspace } from './world.ts';

/** The answers of a server with one reading tool, "list". */
function answer(method: string): object | null {
  switch (method) {
    case 'initialize':
      return { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'orders', version: '1' } };
    case 'tools/list':
      return {
        tools: [
          { name: 'list', description: 'Lists orders.', annotations: { readOnlyHint: true }, inputSchema: { type: 'object' } },
        ],
      };
    case 'tools/call':
      return { content: [{ type: 'text', text: 'an order' }] };
    default:
      return null;
  }
}

/** A site with a real agent that serves a profile with one tool, which `decide` approves; nobody has access yet. */
export async function serveOneTool(
  { workspace, hub }: { workspace: Workspace; hub: RunningHub },
  decide: (owner: ServiceContext, input: Pick<DecideReview, 'reviewId' | 'decisions'>) => Promise<unknown>,
) {
  const url = await startMcpServer(answer);
  const site = await startSite({ hub, workspace }, 'north', url, 'none');
  const owner = await workspace.as('owner');
  const transport = { kind: 'http', url: `${url}/mcp`, credential: null } as const;
  const siteIds = [site.id];
  const { id: serverId } = await createServer({ ctx: owner, input: { name: 'Orders', transport, purpose: 'Orders', siteIds } });
  const { id: discoveryId } = await startDiscovery({ ctx: owner, input: { serverId, agentId: site.agentId } });
  const look = () => getDiscovery({ ctx: owner, input: { discoveryId } });
  await expectWithin(async () => (await look()).status).toBe('succeeded');
  const tool = { kind: 'tool', name: 'list' } as const;
  const decisions = [{ ...tool, verdict: 'approved', risk: 'read' } as const];
  await decide(owner, { reviewId: (await look()).openReviewId ?? '', decisions });
  const { id: profileId, slug } = await createProfile({ ctx: owner, input: { name: 'Support', siteIds } });
  await saveDraft({ ctx: owner, input: { profileId, draft: { entries: [{ ...tool, serverId }] } } });
  await publishProfile({ ctx: owner, input: { profileId } });
  return { owner, site, profileId, slug };
}
