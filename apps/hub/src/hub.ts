import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { readClientAddress } from '@gatehouse/process/client-address';
import { listen } from '@gatehouse/process/listen';
import { checkReadiness } from '@gatehouse/process/ops';
import { createOpsHandler } from '@gatehouse/process/ops-server';
import { serveRequests } from '@gatehouse/process/request-entry';
import type { Runtime } from '@gatehouse/services/runtime';

import { createEnrolRoutes } from './enrol/enrol-routes.ts';
import { createAcceptor } from './link/accept.ts';
import type { AgentLink } from './link/agent-link.ts';
import { LINK_LIMITS, type LinkLimits } from './link/limits.ts';
import { LinkRegistry } from './link/registry.ts';
import { createHubMetrics } from './metrics.ts';
import { PUSH_LIMITS, type PushLimits } from './push/agent-push.ts';
import { serveAgent } from './serve-agent.ts';

/** A request that is not whole by then is cut; looked at every so often, milliseconds. */
const REQUEST_MS = 10_000;
const CHECK_MS = 5_000;
/** Agents come back over a time that grows with their number, up to this, milliseconds. */
const MAX_RECONNECT_SPREAD_MS = 15_000;
const SPREAD_PER_AGENT_MS = 2;
const MIN_RECONNECT_SPREAD_MS = 500;

export type HubLimits = LinkLimits & PushLimits;

export interface HubOptions {
  runtime: Runtime;
  host: string;
  port: number;
  /** where agents reach this hub; null: where it listens */
  publicUrl: string | null;
  version: string;
  /** proxies before this hub that are believed about the address of a caller */
  trustedProxies?: number;
  /** opens /metrics and /version to others than this machine */
  opsToken?: string | undefined;
  limits?: Partial<HubLimits>;
}

export interface Hub {
  port: number;
  links: LinkRegistry;
  /** Sends agents elsewhere, finishes what they sent, ends every connection. The runtime stays open. */
  drain(): Promise<void>;
}

/** Listens for agents. Rejects when the port is taken. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const { runtime, version, trustedProxies = 0 } = options;
  const limits = { ...LINK_LIMITS, ...PUSH_LIMITS, ...options.limits };
  const links = new LinkRegistry();
  const metrics = createHubMetrics(() => links.all.length);
  let draining = false;
  const ops = createOpsHandler({
    version: { name: 'hub', version },
    token: options.opsToken ?? null,
    checkReadiness: () =>
      draining ? { isReady: false, report: { status: 'draining' } } : checkReadiness(runtime.dependencies, runtime.log),
    metrics: metrics.registry,
    log: runtime.log,
  });
  const readAddress = (request: IncomingMessage) => readClientAddress(request, trustedProxies);
  const enrol = createEnrolRoutes(runtime, readAddress);
  const deadlines = { headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, connectionsCheckingInterval: CHECK_MS };
  const server = createServer(deadlines);
  server.maxConnections = limits.maxConnections;
  const port = await listen(server, options);
  const audience = new URL(options.publicUrl ?? `ws://${options.host}:${port}`).host;
  const serve = (link: AgentLink) => serveAgent(link, { limits, metrics });
  const acceptor = createAcceptor({ runtime, links, limits, metrics, audience, serve, readAddress });
  serveRequests(server, {
    log: runtime.log,
    onRequest(request, response) {
      if (!ops(request, response) && !enrol(request, response)) sendNotFound(request, response);
    },
    onUpgrade: (request, socket, head) => acceptor.upgrade(request, socket, head),
    // behind a proxy every connection is the proxy's
    connectionsPerAddress: trustedProxies === 0 ? limits.maxConnectionsPerAddress : undefined,
  });
  const unsubscribe = runtime.signals.subscribe({}, (signal) => {
    links.listForTenant(signal.tenantId).forEach((link) => link.handleSignal(signal));
  });

  return {
    port,
    links,
    async drain() {
      draining = true;
      const closed = new Promise((resolve) => server.close(resolve));
      await acceptor.stop();
      const open = links.all;
      const spreadMs = Math.min(MAX_RECONNECT_SPREAD_MS, MIN_RECONNECT_SPREAD_MS + open.length * SPREAD_PER_AGENT_MS);
      await Promise.all(open.map((link) => link.drain(spreadMs)));
      unsubscribe();
      server.closeAllConnections();
      await closed;
    },
  };
}

function sendNotFound(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.writeHead(404, { 'content-type': 'application/json' }).end('{"status":"not found"}');
}
