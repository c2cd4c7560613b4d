import { onTestFinished } from 'vitest';

import type { Guardrails } from '../../../src/config/guardrails.ts';
import { openStdioEntry } from '../../../src/config/stdio-entry.ts';
import { openOutbound } from '../../../src/outbound/outbound.ts';
import { CredentialScrub } from '../../../src/secrets/credential-scrub.ts';
import { createSecretResolver } from '../../../src/secrets/resolve.ts';
import type { UpstreamDeps } from '../../../src/upstream/client/dialer.ts';
import { silentLog, STRICT } from '../control-plane/site.ts';
import { makeTempDir } from '../disk/temp-dir.ts';

/** Guardrails under which the servers of a test, on this machine, may be reached. */
export const LOCAL: Guardrails = { ...STRICT, http: { hosts: [], privateHosts: ['127.0.0.1', 'localhost'] } };

export interface UpstreamSetup {
  guardrails?: Guardrails;
  environment?: Record<string, string>;
  maxAnswerBytes?: number;
}

/** What upstreams, discovery and listener share in one agent. */
export function makeUpstreamDeps({ guardrails = LOCAL, environment = {}, maxAnswerBytes }: UpstreamSetup = {}) {
  const scrub = new CredentialScrub();
  const outbound = openOutbound({ http: guardrails.http, maxAnswerBytes });
  onTestFinished(() => outbound.close());
  const deps: UpstreamDeps = {
    outbound,
    resolveSecret: createSecretResolver({ environment, dataDir: makeTempDir(), onSecret: (value) => scrub.add(value) }),
    openStdioEntry: (name) => openStdioEntry(guardrails.stdio, name),
    onSecret: (value) => scrub.add(value),
    now: () => new Date(),
    environment,
    log: silentLog,
    agentVersion: '1.2.3',
  };
  return { ...deps, scrub, guardrails };
}
