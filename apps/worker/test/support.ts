import { randomBytes, randomUUID } from 'node:crypto';

import { pino } from 'pino';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeTenant, openTestDatabase } from '@gatehouse/db/testing';
import { openRuntime } from '@gatehouse/services/runtime';
import { createRootKey } from '@gatehouse/services/signing/keys';

/** A database for fixtures and the worker's runtime on it, on Postgres or on Redis. */
export async function openDeps(redisUrl?: string) {
  const database = await openTestDatabase();
  const store = { appDatabaseUrl: database.urls.worker, redisUrl, queuePrefix: `test-${randomUUID()}` };
  const log = pino({ level: 'silent' });
  const signingKek = randomBytes(32);
  const runtime = await openRuntime({ ...store, signingKek, hubPublicUrl: 'ws://127.0.0.1:3001', log });
  return {
    store,
    log,
    signingKek,
    runtime,
    database,
    deps: { runtime, databaseUrl: database.urls.worker, post: null },
    close: async () => {
      await runtime.close();
      await database.drop();
    },
  };
}
export type Deps = Awaited<ReturnType<typeof openDeps>>;

/** A tenant with a signing key and a site that has no snapshot yet. */
export async function makeTenantWithSite({ runtime, database: { db } }: Deps): Promise<{ tenantId: string; siteId: string }> {
  const { id: tenantId } = await makeTenant(db);
  const siteId = randomUUID();
  await runInTenant(db, tenantId, async (tx) => {
    await createRootKey(tx, runtime.signer, tenantId);
    await tx.site.create({ data: { tenantId, id: siteId, slug: 'local', name: 'Local' } });
  });
  return { tenantId, siteId };
}

export async function readSnapshotVersion(
  { runtime }: Deps,
  { tenantId, siteId }: { tenantId: string; siteId: string },
): Promise<number> {
  const site = await runInTenant(runtime.db, tenantId, (tx) =>
    tx.site.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id: siteId } } }),
  );
  return Number(site.snapshotVersion);
}
