import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { listCredentials, type SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { Guardrails } from '../../../src/config/guardrails/guardrails.ts';
import { openOutbound } from '../../../src/outbound/outbound.ts';
import { CredentialScrub } from '../../../src/secrets/credential-scrub.ts';
import { listDestinations, SiteSecrets } from '../../../src/secrets/site-secrets.ts';
import { findVariableSecrets } from '../../../src/secrets/variable-secrets.ts';
import type { UpstreamDeps } from '../../../src/upstream/client/dialer.ts';
import { StdioEntries } from '../../../src/upstream/stdio/stdio-entries.ts';
import { silentLog, STRICT } from '../control-plane/site.ts';
import { makeTempDir } from '../disk/temp-dir.ts';

/** Guardrails under which the servers of a test, on this machine, may be reached. */
export const LOCAL: Guardrails = { ...STRICT, http: { hosts: [], privateHosts: ['127.0.0.1', 'localhost'] } };

export interface UpstreamSetup {
  guardrails?: Guardrails;
  environment?: Record<string, string>;
  /** the site offers the credentials of these servers, each to its own server */
  servers?: readonly SnapshotServer[];
  /** what no program may see */
  ownPaths?: string[];
  maxAnswerBytes?: number;
  connectTimeoutMs?: number;
  log?: UpstreamDeps['log'];
}

/** What upstreams, discovery and listener share in one agent. */
export function makeUpstreamDeps({
  guardrails = LOCAL,
  environment = {},
  servers = [],
  ownPaths = [],
  maxAnswerBytes,
  connectTimeoutMs,
  log = silentLog,
}: UpstreamSetup = {}) {
  const scrub = new CredentialScrub();
  const onSecret = (value: string) => scrub.add(value);
  findVariableSecrets(guardrails.stdio, environment).values.forEach(onSecret);
  const secrets = openSecrets({ environment, servers, onSecret });
  const outbound = openOutbound({ http: guardrails.http, maxAnswerBytes, connectTimeoutMs });
  onTestFinished(() => outbound.close());
  const stdio = StdioEntries.open({ entries: guardrails.stdio, environment, ownPaths });
  const deps: UpstreamDeps = {
    outbound,
    resolveSecret: secrets.resolve,
    openStdioEntry: async (name) => (await stdio).open(name),
    onSecret,
    now: () => new Date(),
    log,
    agentVersion: '1.2.3',
    limitCaps: guardrails.limits,
  };
  return { ...deps, scrub, guardrails, secrets, listWithheld: () => new Map() };
}

/** Credentials of a site that offers each of these servers its own. */
export function openSecrets({
  environment = {},
  servers = [],
  onSecret = () => undefined,
}: Pick<UpstreamSetup, 'environment' | 'servers'> & { onSecret?: (value: string) => void }): SiteSecrets {
  const home = makeTempDir();
  return new SiteSecrets({
    findBarrier: () => null,
    environment,
    named: new Map(servers.flatMap(listBindings)),
    secretsDir: join(home, 'secrets'),
    dataDir: join(home, 'state'),
    guardrailsFile: 'guardrails.yaml',
    onSecret,
  });
}

function listBindings({ transport }: SnapshotServer): [string, readonly string[]][] {
  if (transport.kind === 'stdio' || !transport.credential) return [];
  const { origin } = new URL(transport.kind === 'http' ? transport.url : transport.baseUrl);
  return listCredentials(transport.credential).map((each) => [each.reference, listDestinations(each, origin)]);
}
