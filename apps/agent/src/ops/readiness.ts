import type { ServerHealth } from '@gatehouse/protocol/messages';

import type { CurrentConfig } from '../config/current.ts';
import type { LinkState } from '../link/hub-link.ts';
import type { TlsState } from '../http/tls-reload.ts';

export interface AgentStatus {
  /**
   * ok: serves and is connected; degraded: serves, but without the control plane or with trouble; draining: ends what is under way and takes
   * nothing new; offline: does not serve
   */
  status: 'ok' | 'degraded' | 'draining' | 'offline';
  agent: { name: string; site: string; tenant: string; version: string };
  control: LinkState & { url: string };
  config: { version: number; notAfter: string | null; refusal: string | null };
  audit: { bufferedReceipts: number; lostReceipts: number; error: string | null };
  servers: { slug: string; state: ServerHealth['state']; error: string | null }[];
  profiles: { slug: string; url: string }[];
  /** the listener's certificate; null without TLS */
  tls: TlsState | null;
}

export interface StatusSources {
  agent: AgentStatus['agent'];
  hub: string;
  /** base URL of the listener that clients are told */
  endpointUrl: string;
  current: CurrentConfig;
  link: LinkState;
  audit: AgentStatus['audit'];
  servers: ServerHealth[];
  tls: TlsState | null;
  draining: boolean;
  now: number;
}

/** Everything that a status page, /readyz and `gatehouse-agent status` show. */
export function readStatus(sources: StatusSources): AgentStatus {
  const { agent, hub, endpointUrl, current, link, audit, servers, tls, draining, now } = sources;
  const serving = current.serving(now);
  const snapshot = current.get()?.snapshot;
  const slugs = new Map(snapshot?.content.servers.map((server) => [server.id, server.slug]));
  const troubles = [audit.error, tls?.error ?? null].filter((error) => error !== null);
  const healthy = link.phase === 'connected' && troubles.length === 0 && servers.every(({ state }) => state !== 'unreachable');
  const usual = serving.ok ? (healthy ? 'ok' : 'degraded') : 'offline';
  return {
    status: draining ? 'draining' : usual,
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
    tls,
  };
}
