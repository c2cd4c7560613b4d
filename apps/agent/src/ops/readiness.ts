import type { ServerHealth } from '@gatehouse/protocol/messages';

import type { CurrentConfig } from '../config/current.ts';
import type { LinkState } from '../link/hub-link.ts';

export interface AgentStatus {
  /** ok: serves and is connected; degraded: serves, but without the control plane or with trouble; offline: does not serve */
  status: 'ok' | 'degraded' | 'offline';
  agent: { name: string; site: string; tenant: string; version: string };
  control: LinkState & { url: string };
  config: { version: number; notAfter: string | null; refusal: string | null };
  audit: { bufferedReceipts: number; lostReceipts: number; error: string | null };
  servers: { slug: string; state: ServerHealth['state']; error: string | null }[];
  profiles: { slug: string; url: string }[];
}

export interface StatusSources {
  agent: AgentStatus['agent'];
  hub: string;
  /** base URL of the listener */
  endpointUrl: string;
  current: CurrentConfig;
  link: LinkState;
  audit: AgentStatus['audit'];
  servers: ServerHealth[];
  now: number;
}

/** Everything that a status page, /readyz and `gatehouse-agent status` show. */
export function readStatus({ agent, hub, endpointUrl, current, link, audit, servers, now }: StatusSources): AgentStatus {
  const serving = current.serving(now);
  const snapshot = current.get()?.snapshot;
  const slugs = new Map(snapshot?.content.servers.map((server) => [server.id, server.slug]));
  const healthy = link.phase === 'connected' && audit.error === null && servers.every(({ state }) => state !== 'unreachable');
  return {
    status: serving.ok ? (healthy ? 'ok' : 'degraded') : 'offline',
    agent,
    control: { ...link, url: hub },
    config: {
      version: snapshot?.version ?? 0,
      notAfter: snapshot?.notAfter ?? null,
      refusal: serving.ok ? null : serving.message,
    },
    audit,
    servers: servers.map(({ serverId, state, error }) => ({ slug: slugs.get(serverId) ?? serverId, state, error })),
    profiles: serving.ok
      ? serving.config.snapshot.content.profiles.map(({ slug }) => ({ slug, url: `${endpointUrl}/p/${slug}/mcp` }))
      : [],
  };
}
