import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { findFreePort } from '@gatehouse/process/testing/free-port';
import { generateEd25519 } from '@gatehouse/protocol/ed25519';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { CREDENTIAL_VARIABLE, type BenchSite } from './snapshot.ts';

export interface AgentHome {
  url: string;
  /** for the agent's process, as its systemd unit would set it */
  environment: Record<string, string>;
}

/** Nobody listens there: the agent serves what is on its disk and goes on trying. */
const NO_HUB = 'ws://127.0.0.1:9';

/** A data directory as enrolment and one push leave it: identity, guardrails, the signed snapshot. */
export async function makeAgentHome(folder: string, site: BenchSite, upstreamUrl: string): Promise<AgentHome> {
  const dataDir = join(folder, 'state');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const root = new TestKey();
  const write = (name: string, value: unknown) => writeFileSync(join(dataDir, name), JSON.stringify(value), { mode: 0o600 });
  write('identity.json', makeIdentity(site, root));
  write('snapshot.json', root.sign('application/vnd.gatehouse.snapshot+json', site.snapshot));
  const guardrails = join(folder, 'guardrails.yaml');
  const { hostname, origin } = new URL(upstreamUrl);
  const credentials = [{ reference: `env:${CREDENTIAL_VARIABLE}`, origins: [origin] }];
  // JSON is YAML
  writeFileSync(guardrails, JSON.stringify({ http: { privateHosts: [hostname] }, credentials }));
  chmodSync(guardrails, 0o444);
  const listen = `127.0.0.1:${await findFreePort()}`;
  return {
    url: `http://${listen}`,
    environment: {
      GATEHOUSE_DATA_DIR: dataDir,
      GATEHOUSE_GUARDRAILS_FILE: guardrails,
      GATEHOUSE_ALLOW_OWN_GUARDRAILS: 'true',
      GATEHOUSE_LISTEN: listen,
      [CREDENTIAL_VARIABLE]: randomBytes(24).toString('base64url'),
    },
  };
}

function makeIdentity({ tenantId, siteId }: BenchSite, root: TestKey) {
  const { publicKey, privateKey } = generateEd25519();
  return {
    format: 1,
    hub: NO_HUB,
    tenantId,
    tenantSlug: 'bench',
    siteId,
    siteSlug: 'bench',
    agentId: randomUUID(),
    agentName: 'bench-1',
    rootKeyId: root.keyId,
    rootPublicKey: root.publicKey.toString('base64'),
    publicKey: publicKey.toString('base64'),
    privateKey: privateKey.toString('base64'),
    enrolledAt: new Date().toISOString(),
  };
}
