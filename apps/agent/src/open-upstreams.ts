import { readFileSync } from 'node:fs';

import type { Logger } from 'pino';

import type { CurrentConfig } from './config/current.ts';
import { checkServer, type Guardrails } from './config/guardrails/guardrails.ts';
import { runDiscovery } from './discovery/run-discovery.ts';
import type { AgentEnv } from './env.ts';
import { AGENT_VERSION } from './link/agent-facts.ts';
import { DefinitionWatch } from './link/definition-watch.ts';
import type { RunDiscovery } from './link/discovery-tasks.ts';
import { openSite } from './open-site.ts';
import { openOutbound } from './outbound/outbound.ts';
import type { CredentialScrub } from './secrets/credential-scrub.ts';
import { UpstreamPool } from './upstream/pool.ts';
import { WithheldList } from './upstream/withheld-list.ts';

export interface UpstreamsOptions {
  env: AgentEnv;
  guardrails: Guardrails;
  current: CurrentConfig;
  scrub: CredentialScrub;
  /** told of every credential before it is used */
  onSecret: (value: string) => void;
  log: Logger;
  now: () => Date;
}

export type Upstreams = Awaited<ReturnType<typeof openUpstreams>>;

/** The way to the servers, for calls and for discoveries. Resolves when every credential of the site is known and can be taken out of answers. */
export async function openUpstreams(options: UpstreamsOptions) {
  const { env, guardrails, current, scrub, onSecret, log, now } = options;
  const { secrets, stdio, problems, checked } = await openSite(env, guardrails, onSecret);
  const warn = (found: readonly string[]) =>
    found.forEach((problem) => log.warn({ problem }, 'something of this site cannot be used'));
  warn(problems);
  // nobody waits for it: a program of a hundred megabytes may have to be hashed
  const warned = checked.then(warn, (error: unknown) =>
    log.warn({ err: error }, 'the programs of this site could not be looked at'),
  );
  for (const line of stdio.describe()) log.info(line);
  const withheld = await WithheldList.open({ current, secrets, stdio, now, log });
  const ca = env.caFile === null ? [] : [readFileSync(env.caFile, 'utf8')];
  const outbound = openOutbound({ http: guardrails.http, ca, proxy: env.proxy });
  const deps = {
    outbound,
    onSecret,
    scrub: (text: string) => scrub.scrubText(text),
    log,
    now,
    resolveSecret: secrets.resolve,
    openStdioEntry: (name: string) => stdio.open(name),
    agentVersion: AGENT_VERSION,
    limitCaps: guardrails.limits,
  };
  const discovery = { ...deps, credentials: scrub, listRefusals: checkServer.bind(null, guardrails), secrets };
  const discover: RunDiscovery = (server, control) => runDiscovery(server, discovery, control);
  const pool: UpstreamPool = new UpstreamPool({
    ...deps,
    current,
    listWithheld: () => withheld.list(),
    onListed: (...listed) => watch.noteListed(...listed),
    onAnnounced: (serverId) => watch.noteAnnounced(serverId),
  });
  const watch = new DefinitionWatch({ current, look: discover, listen: (server, how) => pool.listen(server, how), log });
  return {
    pool,
    withheld,
    discover,
    watch,
    async close() {
      await warned;
      await watch.close();
      await withheld.close();
      await pool.close();
      await outbound.close();
    },
  };
}
