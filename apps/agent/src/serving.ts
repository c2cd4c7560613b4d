import { readFileSync } from 'node:fs';

import type { Logger } from 'pino';

import { isLoopback } from '@gatehouse/network/hostname';

import type { AgentCore, ServingSide } from './agent-core.ts';
import type { CredentialBindings } from './config/credential-bindings.ts';
import { checkServer, type Guardrails } from './config/guardrails.ts';
import { openStdioEntry } from './config/stdio-entry.ts';
import { runDiscovery } from './discovery/run-discovery.ts';
import type { AgentEnv } from './env.ts';
import { startMcpListener, type McpListener } from './clients/server.ts';
import type { OpsHandler } from './ops/ops-handler.ts';
import { openOutbound } from './outbound/outbound.ts';
import type { ResolveSecret } from './secrets/resolve.ts';
import type { CredentialScrub } from './secrets/credential-scrub.ts';
import { UpstreamPool } from './upstream/pool.ts';

export interface ServingOptions {
  env: AgentEnv;
  core: AgentCore;
  guardrails: Guardrails;
  bindings: CredentialBindings;
  resolveSecret: ResolveSecret;
  /** told every secret before it is used */
  onSecret: (value: string) => void;
  scrub: CredentialScrub;
  ops: OpsHandler;
  agentVersion: string;
  log: Logger;
  now: () => Date;
}

export interface Serving extends ServingSide {
  listener: McpListener;
  upstreams: UpstreamPool;
  /** lets calls under way end, then closes every upstream */
  close(): Promise<void>;
}

const READINESS_NOTICE_MS = 1_000;

/** Opens the way to upstreams and the listener for AI clients. Rejects when the address cannot be had. */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const { env, core, guardrails, bindings, scrub, log, now, agentVersion, resolveSecret, onSecret } = options;
  const ca = env.caFile === null ? [] : [readFileSync(env.caFile, 'utf8')];
  const outbound = openOutbound({ http: guardrails.http, ca, proxy: env.proxy });
  const upstreamDeps = {
    outbound,
    resolveSecret,
    onSecret,
    openStdioEntry: (name: string) => openStdioEntry(guardrails.stdio, name),
    environment: env.environment,
    scrub: (text: string) => scrub.text(text),
    agentVersion,
    log,
    now,
  };
  const upstreams = new UpstreamPool({ ...upstreamDeps, current: core.current });
  const { journal, current } = core;
  const closeUpstreams = async () => {
    await upstreams.close();
    await outbound.close();
  };
  const listener = await startMcpListener({
    ...env.listen,
    tls: env.tls,
    publicHosts: env.publicHosts,
    // whoever sends requests from elsewhere looks at /readyz now and then; on this machine nobody does
    drain: { noticeMs: isLoopback(env.listen.host) ? 0 : READINESS_NOTICE_MS, graceMs: env.drainSeconds * 1_000 },
    current,
    journal,
    upstreams,
    scrub,
    ops: options.ops,
    agentVersion,
    log,
    now,
  }).catch(async (error: unknown) => {
    await closeUpstreams();
    throw error;
  });
  return {
    listener,
    upstreams,
    heartbeat: () => ({
      openSessions: listener.openSessions(),
      endpointUrl: listener.publicUrl,
      stdioEntries: [...guardrails.stdio.keys()],
      servers: upstreams.health().map((server) => ({ ...server, error: server.error?.slice(0, 300) ?? null })),
    }),
    runDiscovery: (order, control) =>
      runDiscovery(
        order,
        {
          ...upstreamDeps,
          credentials: scrub,
          async refusals(server) {
            const problems = [...checkServer(guardrails, server), ...bindings.check([server])];
            if (problems.length === 0) await bindings.learn([server]);
            return problems;
          },
        },
        control,
      ),
    async close() {
      await listener.close();
      await closeUpstreams();
    },
  };
}
