import { createRequire } from 'node:module';
import { join } from 'node:path';

import pg from 'pg';
import pino from 'pino';

import { startEmbeddedPostgres } from '@gatehouse/db/embedded';
import { migrate } from '@gatehouse/db/migrate';
import { toProcessUrls, type PerProcess } from '@gatehouse/db/process-roles';
import { openRuntime, type Runtime } from '@gatehouse/services/runtime';

import { withProcessLock } from './processes/process-lock.mjs';
import { run, type Running } from './processes/processes.ts';
import type { Supervisor } from './processes/supervisor.ts';
import { printLine, runStep } from './progress.ts';
import { getConsoleUrl, root, readSecret, ensureSecretFile, type Settings } from './settings.ts';

const resolver = createRequire(join(root, 'package.json'));

export interface LocalDatabase {
  ownerUrl: string;
  /** of each process */
  urls: PerProcess<string>;
  /** the embedded server; null when DATABASE_URL names another */
  server: Running | null;
}

/** Builds what changed since the last time (turbo keeps the rest); for development only what has no source form of its own. */
export async function build(settings: Settings, dev: boolean): Promise<void> {
  if (dev) return buildApps(settings, 'Building the agent', ['agent']);
  await buildApps(settings, 'Building agent, hub and worker', ['agent', 'hub', 'worker']);
  await buildApps(settings, 'Building the console (at first a minute or two)', ['console']);
}

function buildApps(settings: Settings, label: string, apps: string[]): Promise<void> {
  const turbo = resolver.resolve('turbo/bin/turbo');
  const filters = ['db', ...apps].map((name) => `--filter=@gatehouse/${name}`);
  const launchOf = {
    name: `build-${apps.join('-')}`,
    command: [process.execPath, turbo, 'run', 'generate', 'build', '--ui=stream', '--output-logs=new-only', ...filters],
    env: {
      TURBO_CACHE_DIR: process.env.TURBO_CACHE_DIR,
      TURBO_TELEMETRY_DISABLED: '1',
      NEXT_TELEMETRY_DISABLED: '1',
      DO_NOT_TRACK: '1',
    },
  };
  return withProcessLock(
    join(root, 'node_modules', '.gatehouse-build.lock'),
    (shareWith) => runStep(label, () => run(settings, launchOf, shareWith)),
    (pid) => printLine(`  ${label}: waits for another build (pid ${pid})`),
  );
}

/** Starts the embedded PostgreSQL (or takes DATABASE_URL) and applies the migrations. */
export async function openDatabase(settings: Settings): Promise<LocalDatabase> {
  if (settings.databaseUrl) {
    const ownerUrl = settings.databaseUrl;
    const readPassword = (name: string) => Buffer.from(readSecret(settings, `database-${name}`), 'base64').toString('hex');
    const passwords = { console: readPassword('console'), hub: readPassword('hub'), worker: readPassword('worker') };
    await migrate({ ownerUrl, passwords });
    return { ownerUrl, urls: toProcessUrls(ownerUrl, passwords), server: null };
  }
  const server = await startEmbeddedPostgres({ dir: join(settings.dataDir, 'postgres'), port: settings.ports.postgres });
  try {
    const { ownerUrl, urls, passwords } = server;
    await migrate({ ownerUrl, passwords });
    return { ownerUrl, urls, server: { name: 'PostgreSQL', ...server } };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Removes a tenant with everything that belongs to it: what an interrupted first start has left behind. */
export async function removeTenant(ownerUrl: string, slug: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    // what names an act goes before the acts, which go with the tenant
    for (const table of ['receipt', ...(await listTablesWithActs(client))]) {
      await client.query(`delete from ${table} where tenant_id in (select id from tenant where slug = $1)`, [slug]);
    }
    await client.query('delete from tenant where slug = $1', [slug]);
    await client.query('delete from "user" u where not exists (select 1 from membership m where m.user_id = u.id)');
  } finally {
    await client.end();
  }
}

async function listTablesWithActs(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select distinct conrelid::regclass::text as name from pg_constraint where confrelid = 'admin_audit'::regclass`,
  );
  return rows.map(({ name }) => name);
}

/** A runtime for the demo's own verbs: on the console's URL for what people do, on the owner's for the operator's own. */
export function openLocalRuntime(settings: Settings, databaseUrl: string): Promise<Runtime> {
  return openRuntime({
    appDatabaseUrl: databaseUrl,
    redisUrl: settings.redisUrl,
    signingKek: Buffer.from(readSecret(settings, 'signing-kek'), 'base64'),
    hubPublicUrl: settings.hubPublicUrl,
    log: pino({ level: 'silent' }),
    poolSize: 2,
  });
}

/** What all of hub, worker and console are told, and what console and worker are told besides, which make links. */
function describeEnvironment(settings: Settings, dev: boolean) {
  return {
    shared: {
      NODE_ENV: dev ? 'development' : 'production',
      GATEHOUSE_HUB_PUBLIC_URL: settings.hubPublicUrl,
      GATEHOUSE_LOG_LEVEL: process.env.GATEHOUSE_LOG_LEVEL,
      REDIS_URL: settings.redisUrl,
    },
    linking: {
      GATEHOUSE_SIGNING_KEK_FILE: ensureSecretFile(settings, 'signing-kek'),
      GATEHOUSE_MAIL_FROM: process.env.GATEHOUSE_MAIL_FROM,
      NEXTAUTH_URL: getConsoleUrl(settings),
    },
  };
}

/** Starts hub, worker and console and waits until each says that it is ready. */
export async function startControlPlane(
  supervisor: Supervisor,
  settings: Settings,
  urls: PerProcess<string>,
  dev: boolean,
): Promise<void> {
  const { ports } = settings;
  const consoleUrl = getConsoleUrl(settings);
  const { shared, linking } = describeEnvironment(settings, dev);
  const source = (app: string) => join(root, `apps/${app}/src/main.ts`);
  const main = (app: string) =>
    dev ? [process.execPath, '--watch', source(app)] : [process.execPath, join(root, `apps/${app}/dist/main.mjs`)];
  await Promise.all([
    supervisor.launch(settings, {
      name: 'hub',
      command: main('hub'),
      env: { ...shared, GATEHOUSE_HUB_DATABASE_URL: urls.hub, GATEHOUSE_HUB_PORT: String(ports.hub) },
      readyUrl: `http://127.0.0.1:${ports.hub}/readyz`,
    }),
    supervisor.launch(settings, {
      name: 'worker',
      command: main('worker'),
      env: {
        ...shared,
        ...linking,
        GATEHOUSE_SMTP_URL: process.env.GATEHOUSE_SMTP_URL,
        GATEHOUSE_WORKER_DATABASE_URL: urls.worker,
        GATEHOUSE_WORKER_PORT: String(ports.worker),
        GATEHOUSE_WORKER_PASS_SECONDS: process.env.GATEHOUSE_WORKER_PASS_SECONDS,
      },
      readyUrl: `http://127.0.0.1:${ports.worker}/readyz`,
    }),
    supervisor.launch(settings, {
      name: 'console',
      cwd: join(root, 'apps/console'),
      // in development Next itself sees what changes
      command: dev ? [process.execPath, source('console')] : main('console'),
      env: {
        ...shared,
        ...linking,
        GATEHOUSE_CONSOLE_DATABASE_URL: urls.console,
        GATEHOUSE_CONSOLE_PORT: String(ports.console),
        NEXTAUTH_SECRET_FILE: ensureSecretFile(settings, 'nextauth-secret'),
        GATEHOUSE_AGENT_BUNDLE: join(root, 'apps/agent/dist/gatehouse-agent.mjs'),
        NEXT_TELEMETRY_DISABLED: '1',
      },
      readyUrl: `${consoleUrl}/readyz`,
    }),
  ]);
}
