import { randomBytes, randomUUID } from 'node:crypto';

import { pino } from 'pino';
import { expect } from 'vitest';

import { openDatabase, type Database, type Role, type Site, type Tenant } from '@gatehouse/db/client';
import { PROCESS_NAMES, type PerProcess, type ProcessName } from '@gatehouse/db/process-roles';
import { runInTenant } from '@gatehouse/db/tenant';
import { createTestDatabase, makeMembership, makeSite, makeTenant, makeUser, type TestDatabase } from '@gatehouse/db/testing';

import { mayReadValues } from '../../src/authz.ts';
import type { Actor, ServiceContext } from '../../src/context.ts';
import { ServiceError, type ServiceErrorCode } from '../../src/errors.ts';
import { openRuntime, type Runtime } from '../../src/runtime.ts';
import { createRootKey } from '../../src/signing/keys.ts';

export const CONSOLE_URL = 'https://console.example';

export interface World {
  /** what fixtures are written with; the contexts of a workspace have a database as the process that their actor belongs to */
  runtime: Runtime;
  database: TestDatabase;
  /** of the runtime, unless it has none */
  signingKek: Buffer;
  /** moves the runtime's clock; the database's own clock stays */
  advanceClock(ms: number): void;
  close(): Promise<void>;
}

/** Of a world's runtime: the same on the database of each process. */
const processRuntimes = new WeakMap<Runtime, PerProcess<Runtime>>();
const fixtureDatabases = new WeakMap<Runtime, Database>();
const PROCESS_OF = { person: 'console', agent: 'hub', system: 'worker' } as const satisfies Record<Actor['kind'], ProcessName>;

/** The database that rows are put into, whatever process the runtime belongs to. */
export function getFixtureDb(runtime: Runtime): Database {
  return fixtureDatabases.get(runtime) ?? runtime.db;
}

/** The runtime in which an actor of this kind acts. */
export function getRuntimeOf(runtime: Runtime, kind: Actor['kind']): Runtime {
  return processRuntimes.get(runtime)?.[PROCESS_OF[kind]] ?? runtime;
}

/** A fresh database and a runtime on it, with a clock that tests can move. Open it in `beforeAll`, close it in `afterAll`. */
export async function openWorld(options: { redisUrl?: string; withoutKek?: boolean; poolSize?: number } = {}): Promise<World> {
  const database = await createTestDatabase();
  const signingKek = randomBytes(32);
  let offsetMs = 0;
  const runtime = await openRuntime({
    appDatabaseUrl: database.fixtureUrl,
    redisUrl: options.redisUrl,
    signingKek: options.withoutKek ? undefined : signingKek,
    hubPublicUrl: 'ws://127.0.0.1:3001',
    consoleUrl: CONSOLE_URL,
    log: pino({ level: 'silent' }),
    poolSize: options.poolSize ?? 10,
    now: () => new Date(Date.now() + offsetMs),
  });
  const open = (name: ProcessName): Runtime => {
    const own = { ...runtime, db: openDatabase({ url: database.urls[name], poolSize: options.poolSize ?? 10 }) };
    fixtureDatabases.set(own, runtime.db);
    return own;
  };
  const processes = { console: open('console'), hub: open('hub'), worker: open('worker') };
  processRuntimes.set(runtime, processes);
  return {
    runtime,
    database,
    signingKek,
    advanceClock: (ms) => {
      offsetMs += ms;
    },
    close: async () => {
      for (const name of PROCESS_NAMES) await processes[name].db.close();
      await runtime.close();
      await database.drop();
    },
  };
}

export interface Workspace {
  tenant: Tenant;
  site: Site;
  /** a person of this role, new at each call, who reads values where the role allows it unless something else is said */
  as: (role: Role, options?: { readsValues: boolean }) => Promise<ServiceContext>;
  asSystem(job: string): ServiceContext;
  makeContext(actor: Actor): ServiceContext;
}

/** A tenant of its own with a signing key and one site. */
export async function makeWorkspace(runtime: Runtime): Promise<Workspace> {
  const tenant = await makeTenant(runtime.db);
  await runInTenant(runtime.db, tenant.id, (tx) => createRootKey(tx, runtime.signer, tenant.id));
  const site = await makeSite(runtime.db, tenant.id);
  const makeContext = (actor: Actor): ServiceContext => ({
    runtime: getRuntimeOf(runtime, actor.kind),
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
    async as(role, { readsValues } = { readsValues: mayReadValues({ role, readsValues: true }) }) {
      const user = await makeUser(runtime.db);
      const { id: membershipId } = await makeMembership(runtime.db, tenant.id, {
        userId: user.id,
        email: user.email,
        role,
        readsValues,
      });
      return makeContext({ kind: 'person', userId: user.id, membershipId, role, readsValues });
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
  return runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
    tx.adminAudit.findMany({ where: { tenantId, entityId }, orderBy: { id: 'asc' } }),
  );
}
