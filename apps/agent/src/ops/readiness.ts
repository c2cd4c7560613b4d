import type { ServerHealth } from '@gatehouse/protocol/messages';

import type { Audit } from '../audit/open-audit.ts';
import type { McpListener } from '../clients/server.ts';
import type { CurrentConfig, Withheld } from '../config/current.ts';
import type { TlsState } from '../http/tls-reload.ts';
import { AGENT_VERSION } from '../link/agent-facts.ts';
import type { HubLink } from '../link/hub-link.ts';
import type { LinkState } from '../link/link-status.ts';
import type { Identity } from '../state/identity.ts';
import type { UpstreamPool } from '../upstream/pool.ts';
import type { WithheldList } from '../upstream/withheld-list.ts';

export interface AgentStatus {
  /**
   * ok: serves and is connected; degraded: serves, but without the control plane or with trouble; draining: ends what is under way and takes
   * nothing new; offline: does not serve
   */
  status: 'ok' | 'degraded' | 'draining' | 'offline';
  agent: { name: string; site: string; tenant: string; version: string };
  control: LinkState & { url: string };
  config: { version: number; notAfter: string | null; refusal: string | null };
  audit: { bufferedReceipts: number; lostReceipts: number; refusedReceipts: number; error: string | null };
  servers: { slug: string; state: ServerHealth['state']; withheld: Withheld['code'] | null; error: string | null }[];
  profiles: { slug: string; url: string }[];
  /** the listener's certificate; null without TLS */
  tls: TlsState | null;
}

/** The parts of a running agent that tell how it is. */
export interface AgentParts {
  identity: Identity;
  audit: Audit;
  current: CurrentConfig;
  upstreams: { pool: UpstreamPool; withheld: WithheldList };
  listener: McpListener;
  link: HubLink;
}

/** Everything that a status page, /readyz and `gatehouse-agent status` show. `now`: milliseconds since the epoch. */
export function readStatus({ identity, audit, current, upstreams, listener, link }: AgentParts, now: number): AgentStatus {
  const serving = current.checkServing(now);
  const config = current.get();
  const withheld = upstreams.withheld.list();
  const [control, servers, tls] = [link.getState(), upstreams.pool.listHealth(), listener.getTls()];
  const auditError = audit.spool.isFailing() ? 'Receipts cannot be written to the disk; calls are refused.' : null;
  const troubles = [auditError, tls?.error ?? null].filter((error) => error !== null);
  const healthy = control.phase === 'connected' && troubles.length === 0 && servers.every(({ state }) => state !== 'unreachable');
  const usual = serving.ok ? (healthy ? 'ok' : 'degraded') : 'offline';
  return {
    status: listener.isDraining() ? 'draining' : usual,
    agent: { name: identity.agentName, site: identity.siteSlug, tenant: identity.tenantSlug, version: AGENT_VERSION },
    control: { ...control, url: identity.hub },
    config: {
      version: config?.version ?? 0,
      notAfter: config?.notAfter ?? null,
      refusal: serving.ok ? null : serving.message,
    },
    audit: {
      bufferedReceipts: audit.shipper.getBufferedCount(),
      lostReceipts: audit.spool.getLostCount(),
      refusedReceipts: audit.refused.getCount(),
      error: auditError,
    },
    servers: servers.map(({ serverId, state, error }) => ({
      slug: config?.compiled.serversById.get(serverId)?.slug ?? serverId,
      state,
      withheld: withheld.get(serverId)?.code ?? null,
      error,
    })),
    profiles: serving.ok
      ? Array.from(serving.config.compiled.profilesBySlug.keys(), (slug) => ({
          slug,
          url: `${listener.publicUrl}/p/${slug}/mcp`,
        }))
      : [],
    tls,
  };
}
