import { randomBytes, randomUUID } from 'node:crypto';

import { pino } from 'pino';
import { expect } from 'vitest';

import type { Role, Site, Tenant } from '@gatehouse/db/client';
import { runInTenant } from '@gatehouse/db/tenant';
import { createTestDatabase, makeMembership, makeSite, makeTenant, makeUser, type TestDatabase } from '@gatehouse/db/testing';

import type { Actor, ServiceContext } from '../../src/context.ts';
import { ServiceError, type ServiceErrorCode } from '../../src/errors.ts';
import { openRuntime, type Runtime } from '../../src/runtime.ts';
import { createSigningKey } from '../../src/signing/keys.ts';

export interface World {
  runtime: Runtime;
  database: TestDatabase;
  /** moves the runtime's clock; the database's own clock stays */
  advanceClock(ms: number): void;
  close(): Promise<void>;
}

/** A fresh database and a runtime on it, with a clock that tests can move. Open it in `beforeAll`, close it in `afterAll`. */
export async function openWorld(options: { redisUrl?: string; withoutKek?: boolean; poolSize?: number } = {}): Promise<World> {
  const database = await createTestDatabase();
  let offsetMs = 0;
  const runtime = await openRuntime({
    appDatabaseUrl: database.appUrl,
    redisUrl: options.redisUrl,
    signingKek: options.withoutKek ? undefined : randomBytes(32),
    hubPublicUrl: 'ws://127.0.0.1:3001',
    log: pino({ level: 'silent' }),
    poolSize: options.poolSize ?? 10,
    now: () => new Date(Date.now() + offsetMs),
  });
  return {
    runtime,
    database,
    advanceClock: (ms) => {
      offsetMs += ms;
    },
    close: async () => {
      await runtime.close();
      await database.drop();
    },
  };
}

export interface Workspace {
  tenant: Tenant;
  site: Site;
  /** a person of this role, new at each call */
  as: (role: Role) => Promise<ServiceContext>;
  asSystem(job: string): ServiceContext;
  makeContext(actor: Actor): ServiceContext;
}

/** A tenant of its own with a signing key and one site. */
export async function makeWorkspace(runtime: Runtime): Promise<Workspace> {
  const tenant = await makeTenant(runtime.db);
  await runInTenant(runtime.db, tenant.id, (tx) => createSigningKey(tx, runtime.signer, tenant.id));
  const site = await makeSite(runtime.db, tenant.id);
  const makeContext = (actor: Actor): ServiceContext => ({
    runtime,
    tenantId: tenant.id,
    tenantSlug: tenant.slug,
    actor,
    requestId: randomUUID(),
  });
  return {
    tenant,
    site,
    makeContext,
    asSystem: (job) => makeContext({ kind: 'system', job }),
    async as(role) {
      const user = await makeUser(runtime.db);
      const membership = await makeMembership(runtime.db, tenant.id, { userId: user.id, role });
      return makeContext({ kind: 'person', userId: user.id, membershipId: membership.id, role });
    },
  };
}

/** What a promise was rejected with; fails when it was not a ServiceError with this code. */
export async function expectRefused(code: ServiceErrorCode, work: Promise<unknown>): Promise<ServiceError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ServiceError)) throw new Error(`Expected a refusal (${code})`, { cause: error });
  expect(error.code).toBe(code);
  return error;
}

/** The audit rows about one entity, oldest first. */
export async function readAudit(ctx: ServiceContext, entityId: string) {
  const { tenantId, runtime } = ctx;
  return runInTenant(runtime.db, tenantId, (tx) =>
    tx.adminAudit.findMany({ where: { tenantId, entityId }, orderBy: { id: 'asc' } }),
  );
}
