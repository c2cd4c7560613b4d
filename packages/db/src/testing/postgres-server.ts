import { randomBytes } from 'node:crypto';
import { access, chmod, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';

import { findFreePort } from '@gatehouse/process/testing/free-port';

import { ignoreCode } from '../embedded-binaries.ts';
import { isFolderTaken } from '../embedded-owner.ts';
import { startEmbeddedPostgres } from '../embedded.ts';
import { migrate } from '../migrate.ts';
import type { PerProcess } from '../process-roles.ts';
import { withDatabase } from '../schema-engine.ts';

/** Passwords of the roles that tests connect as. */
export type TestPasswords = PerProcess<string> & { fixture: string };

export interface TestPostgres {
  /** superuser, any database */
  ownerUrl: string;
  /** migrated and empty; every test database is a copy */
  template: string;
  passwords: TestPasswords;
  stop(): Promise<void>;
}

const PREFIX = 'gatehouse-test-postgres-';
// A server that outlives the run is shared by runs, and roles belong to the server: they must agree on the password.
const SHARED_PASSWORD = 'gatehouse-tests-only';
const SHARED_PASSWORDS = { console: SHARED_PASSWORD, hub: SHARED_PASSWORD, worker: SHARED_PASSWORD };
const FIXTURE_ROLE = 'gatehouse_fixture';

/** Starts a PostgreSQL for tests, or uses the given server (superuser URL), and makes the migrated template database. */
export async function startTestPostgres(serverUrl?: string): Promise<TestPostgres> {
  if (serverUrl) return prepareTemplate(serverUrl, SHARED_PASSWORDS, async () => undefined);
  await removeLeftovers();
  const dir = await mkdtemp(join(tmpdir(), PREFIX));
  await chmod(dir, 0o711);
  const server = await startEmbeddedPostgres({ dir, port: await findFreePort(), durable: false, maxConnections: 400 });
  const stop = async () => {
    await server.stop();
    await removeFolder(dir);
  };
  try {
    return await prepareTemplate(server.ownerUrl, server.passwords, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepareTemplate(
  ownerUrl: string,
  passwords: PerProcess<string>,
  stopServer: () => Promise<void>,
): Promise<TestPostgres> {
  const template = `gatehouse_template_${randomBytes(6).toString('hex')}`;
  await runAdmin(ownerUrl, `CREATE DATABASE ${template}`);
  const stop = async () => {
    await runAdmin(ownerUrl, `DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    await stopServer();
  };
  const templateUrl = withDatabase(ownerUrl, template);
  await migrate({ ownerUrl: templateUrl, passwords });
  await makeFixtureRole(templateUrl);
  return { ownerUrl, template, passwords: { ...passwords, fixture: SHARED_PASSWORD }, stop };
}

/**
 * Makes the role that fixtures are written with. It is not one of the product: it may write what only the hub writes as well as what only the
 * console writes, but row security and the immutability of evidence hold for it too.
 */
export async function makeFixtureRole(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`
      DO $$ BEGIN
        CREATE ROLE ${FIXTURE_ROLE} LOGIN NOINHERIT PASSWORD '${SHARED_PASSWORD}';
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END $$;
      GRANT USAGE ON SCHEMA public, app, bullmq TO ${FIXTURE_ROLE};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, bullmq TO ${FIXTURE_ROLE};
      GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA bullmq TO ${FIXTURE_ROLE};
      REVOKE UPDATE, DELETE ON receipt, admin_audit, snapshot, profile_version, server_revision, revision_entry FROM ${FIXTURE_ROLE};
      GRANT UPDATE (audit_id) ON profile_version TO ${FIXTURE_ROLE};
      GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO ${FIXTURE_ROLE};
      REVOKE DELETE ON tenant, "user", console_session, signing_key FROM ${FIXTURE_ROLE}`);
  } finally {
    await client.end();
  }
}

/** The URL that fixtures are written with. */
export function toFixtureUrl(ownerUrl: string, { fixture }: TestPasswords): string {
  const url = new URL(ownerUrl);
  url.username = FIXTURE_ROLE;
  url.password = fixture;
  return url.href;
}

/** Runs one statement in the server's own database. */
export async function runAdmin(ownerUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: withDatabase(ownerUrl, 'postgres') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function removeFolder(dir: string): Promise<void> {
  const elsewhere = await readlink(join(dir, 'cluster')).catch(ignoreCode('ENOENT', 'EINVAL'));
  for (const path of [elsewhere, dir]) if (path) await rm(path, { recursive: true, force: true });
}

/** Removes what runs that were killed have left: their servers ended with them, their folders did not. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const dir = join(tmpdir(), name);
    const ownerFile = join(dir, 'owner.json');
    // Without that file another run is just about to take the folder.
    const owned = await access(ownerFile).then(() => true, ignoreCode('ENOENT'));
    if (owned && !(await isFolderTaken(ownerFile))) await removeFolder(dir);
  }
}
