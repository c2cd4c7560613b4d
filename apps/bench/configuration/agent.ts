import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { buildAgent, NODE_FLAGS } from '@gatehouse/agent/build.ts';
import { runInTenant } from '@gatehouse/db/tenant';
import { findFreePort } from '@gatehouse/process/testing/free-port';
import { generateEd25519 } from '@gatehouse/protocol/ed25519';
import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import { findRootKey } from '@gatehouse/services/signing/keys';

import { computeMedian } from '../src/measure/stats.ts';
import { readVersion, type Bed } from './measure.ts';

/** Of the agent as it ships: what it does with a configuration is in these. */
export interface AgentFigures {
  /** from the start of its process until it served everything */
  firstMs: number;
  /** median from the click until it served the new key */
  keyMs: number;
}

/** Runs the tree's agent as a process, enrolled at the site, and makes keys, one after the other. */
export async function measureAgent(bed: Bed, changes: number): Promise<AgentFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  const bundle = join(folder, 'agent.mjs');
  await buildAgent(bundle);
  const { agentId, environment } = await makeHome(bed, folder);
  const started = performance.now();
  const agent = spawn(process.execPath, [...NODE_FLAGS, bundle, 'run'], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    await waitForVersion(bed, agentId);
    const firstMs = performance.now() - started;
    const keys: number[] = [];
    for (let index = 0; index < changes; index += 1) {
      const clicked = performance.now();
      await createClientKey({
        ctx: bed.admin,
        input: { profileId: bed.profileIds.at(-1 - index) ?? '', name: `Key ${index + 1}` },
      });
      await waitForVersion(bed, agentId);
      keys.push(performance.now() - clicked);
    }
    return { firstMs, keyMs: computeMedian(keys) };
  } finally {
    agent.kill();
    await once(agent, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Its row at the site, and the data directory that enrolment leaves. */
async function makeHome(bed: Bed, folder: string): Promise<{ agentId: string; environment: Record<string, string> }> {
  const { owner, admin, siteId, hubUrl } = bed;
  const { tenantId, tenantSlug } = admin;
  const { publicKey, privateKey } = generateEd25519();
  const agentId = randomUUID();
  const { site, root } = await runInTenant(owner, tenantId, async (tx) => {
    await tx.agent.deleteMany({ where: { tenantId, siteId } });
    await tx.agent.create({ data: { tenantId, id: agentId, siteId, name: 'shipped', publicKey: new Uint8Array(publicKey) } });
    return {
      site: await tx.site.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id: siteId } } }),
      root: await findRootKey(tx, tenantId),
    };
  });
  const dataDir = join(folder, 'state');
  mkdirSync(dataDir, { mode: 0o700 });
  const identity = {
    format: 1,
    hub: hubUrl,
    tenantId,
    tenantSlug,
    siteId,
    siteSlug: site.slug,
    agentId,
    agentName: 'shipped',
    rootKeyId: root.keyId,
    rootPublicKey: root.publicKey.toString('base64'),
    publicKey: publicKey.toString('base64'),
    privateKey: privateKey.toString('base64'),
    enrolledAt: new Date().toISOString(),
  };
  writeFileSync(join(dataDir, 'identity.json'), JSON.stringify(identity), { mode: 0o600 });
  const guardrails = join(folder, 'guardrails.yaml');
  // JSON is YAML
  writeFileSync(guardrails, JSON.stringify({ http: { privateHosts: ['127.0.0.1'] } }));
  chmodSync(guardrails, 0o444);
  return {
    agentId,
    environment: {
      GATEHOUSE_DATA_DIR: dataDir,
      GATEHOUSE_GUARDRAILS_FILE: guardrails,
      GATEHOUSE_ALLOW_OWN_GUARDRAILS: 'true',
      GATEHOUSE_LISTEN: `127.0.0.1:${await findFreePort()}`,
      GATEHOUSE_LOG_LEVEL: 'error',
    },
  };
}

/** Until the agent has said that it serves the newest version of the site. */
async function waitForVersion(bed: Bed, agentId: string): Promise<void> {
  const {
    owner,
    admin: { tenantId },
  } = bed;
  const version = await readVersion(bed);
  const where = { tenantId_id: { tenantId, id: agentId } };
  for (;;) {
    const { ackedVersion } = await runInTenant(owner, tenantId, (tx) => tx.agent.findUniqueOrThrow({ where }));
    if (Number(ackedVersion) >= version) return;
    await delay(5);
  }
}
