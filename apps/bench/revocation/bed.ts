import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';

import { pino } from 'pino';

import { openDatabase, type Database } from '@gatehouse/db/client';
import { toProcessUrls } from '@gatehouse/db/process-roles';
import { withDatabase } from '@gatehouse/db/schema-engine';
import { runInTenant } from '@gatehouse/db/tenant';
import { recordActs } from '@gatehouse/db/testing/acts';
import { makeMembership, makeTenant } from '@gatehouse/db/testing/factories';
import { startTestPostgres } from '@gatehouse/db/testing/postgres-server';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { PublishedProfile } from '@gatehouse/policy/documents/profile';
import { findFreePort } from '@gatehouse/process/testing/free-port';
import { mutate } from '@gatehouse/services/audit/mutate';
import type { ServiceContext } from '@gatehouse/services/context';
import { openRuntime } from '@gatehouse/services/runtime';
import { createRootKey } from '@gatehouse/services/signing/keys';
import { createSite } from '@gatehouse/services/site/create-site';
import { EVERYTHING } from '@gatehouse/services/snapshot/parts/build-trees';
import { writeConfiguration } from '@gatehouse/services/snapshot/write-configuration';

export interface Started {
  url: string;
  /** resolves when it is gone */
  stop: () => Promise<void>;
}

/** A control plane with one site that serves one profile: verbs run in this process, the hub in its own. */
export interface Bed {
  owner: Database;
  admin: ServiceContext;
  siteId: string;
  profileId: string;
  startHub: () => Promise<Started>;
  close: () => Promise<void>;
}

export async function makeBed(): Promise<Bed> {
  const postgres = await startTestPostgres();
  const ownerUrl = withDatabase(postgres.ownerUrl, postgres.template);
  const urls = toProcessUrls(ownerUrl, postgres.passwords);
  const port = await findFreePort();
  const hubUrl = `ws://127.0.0.1:${port}`;
  const log = pino({ level: 'silent' });
  const runtime = await openRuntime({
    appDatabaseUrl: urls.console,
    signingKek: randomBytes(32),
    hubPublicUrl: hubUrl,
    log,
    poolSize: 4,
  });
  const owner = openDatabase({ url: ownerUrl, poolSize: 4 });
  const { id: tenantId, slug: tenantSlug } = await makeTenant(owner);
  await runInTenant(owner, tenantId, (tx) => createRootKey(tx, runtime.signer, tenantId));
  const { id: membershipId, userId } = await makeMembership(owner, tenantId, { role: 'owner' });
  const actor = { kind: 'person', userId, membershipId, role: 'owner' } as const;
  const admin: ServiceContext = { runtime, tenantId, tenantSlug, actor, requestId: randomUUID() };
  const { id: siteId } = await createSite({ ctx: admin, input: { name: 'Helsinki' } });
  const profileId = await fillProfile(owner, { tenantId, siteId, membershipId });
  // what was put there by no verb is signed whole
  const system: ServiceContext = { ...admin, runtime: { ...runtime, db: owner }, actor: { kind: 'system', job: 'measure' } };
  await mutate(system, (m) => writeConfiguration(m, system, siteId, 'test.fill', EVERYTHING), { audited: false });
  return {
    owner,
    admin,
    siteId,
    profileId,
    startHub: () =>
      startProcess('hub/src/main.ts', hubUrl, {
        GATEHOUSE_HUB_DATABASE_URL: urls.hub,
        GATEHOUSE_HUB_PORT: String(port),
        GATEHOUSE_HUB_PUBLIC_URL: hubUrl,
      }),
    async close() {
      await owner.close();
      await runtime.close();
      await postgres.stop();
    },
  };
}

/** Starts a program of ours; settles when it has written something. */
export async function startProcess(
  path: string,
  url: string,
  env: Record<string, string>,
  args: string[] = [],
): Promise<Started> {
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../..', path), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended.then(() => Promise.reject(new Error(`${path} did not start.`)))]);
  child.stdout.resume();
  return {
    url,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

/** A published profile without entries, to which the one person has access. */
async function fillProfile(db: Database, ids: { tenantId: string; siteId: string; membershipId: string }): Promise<string> {
  const { tenantId, siteId, membershipId } = ids;
  const profileId = randomUUID();
  const document = PublishedProfile.parse({ name: 'Support', description: '', audit: 'durable', entries: [] });
  await runInTenant(db, tenantId, async (tx) => {
    await tx.profile.create({
      data: {
        tenantId,
        id: profileId,
        slug: 'support',
        name: 'Support',
        draft: {},
        publishedVersion: 1,
        createdBy: membershipId,
      },
    });
    const version = { profileId, number: 1, document, contentHash: hashContent(document), publishedBy: membershipId };
    await tx.profileVersion.create({ data: { tenantId, ...version } });
    await tx.profileSite.create({ data: { tenantId, profileId, siteId } });
    await tx.profileAccess.create({ data: { tenantId, profileId, membershipId, grantedBy: membershipId } });
    await recordActs(tx, tenantId);
  });
  return profileId;
}
