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
import { withDatabase } from '../schema-engine.ts';

export interface TestPostgres {
  /** superuser, any database */
  ownerUrl: string;
  /** migrated and empty; every test database is a copy */
  template: string;
  appRolePassword: string;
  stop(): Promise<void>;
}

const PREFIX = 'gatehouse-test-postgres-';
// A server that outlives the run is shared by runs, and roles belong to the server: they must agree on the password.
const SHARED_APP_PASSWORD = 'gatehouse-tests-only';

/** Starts a PostgreSQL for tests, or uses the given server (superuser URL), and makes the migrated template database. */
export async function startTestPostgres(serverUrl?: string): Promise<TestPostgres> {
  if (serverUrl) return prepareTemplate(serverUrl, SHARED_APP_PASSWORD, async () => undefined);
  await removeLeftovers();
  const dir = await mkdtemp(join(tmpdir(), PREFIX));
  await chmod(dir, 0o711);
  const server = await startEmbeddedPostgres({ dir, port: await findFreePort(), durable: false, maxConnections: 400 });
  const stop = async () => {
    await server.stop();
    await removeFolder(dir);
  };
  try {
    return await prepareTemplate(server.ownerUrl, server.appRolePassword, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepareTemplate(
  ownerUrl: string,
  appRolePassword: string,
  stopServer: () => Promise<void>,
): Promise<TestPostgres> {
  const template = `gatehouse_template_${randomBytes(6).toString('hex')}`;
  await runAdmin(ownerUrl, `CREATE DATABASE ${template}`);
  const stop = async () => {
    await runAdmin(ownerUrl, `DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    await stopServer();
  };
  await migrate({ ownerUrl: withDatabase(ownerUrl, template), appRolePassword });
  return { ownerUrl, template, appRolePassword, stop };
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
