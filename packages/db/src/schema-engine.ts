import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type ErrorRegistry,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils';
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

export type SchemaEngine = engine.SchemaEngine;

/** Node has it; its types come with the browser's only. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: Record<string, object>): Promise<{ exports: { __wbindgen_start(): void } }>;
};

const CHAR_OID = 18;
const TEXT_OID = 25;

/** Row security binds an owner too, and a migration changes the rows of all tenants: for one that is no superuser it is lifted in between. */
const LIFT_ROW_SECURITY = buildSecurityScript('NO FORCE', 'relforcerowsecurity');
const RESTORE_ROW_SECURITY = `SET CONSTRAINTS ALL IMMEDIATE; ${buildSecurityScript('FORCE', 'relrowsecurity AND NOT relforcerowsecurity')}`;

let loading: Promise<void> | undefined;

function buildSecurityScript(action: 'FORCE' | 'NO FORCE', condition: string): string {
  return `DO $lift$
    DECLARE name text;
    BEGIN
      FOR name IN SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND ${condition} AND NOT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) LOOP
        EXECUTE 'ALTER TABLE ' || name || ' ${action} ROW LEVEL SECURITY';
      END LOOP;
    END $lift$`;
}

const CONCURRENT_INDEX = /^CREATE (?:UNIQUE )?INDEX CONCURRENTLY ("\w+") [^;]+;?$/;

/**
 * The name of the index, quoted, where a script is one statement that makes one beside those who write: which PostgreSQL refuses within a transaction, and so next to
 * any other statement. Null: another script.
 */
export function readConcurrentIndex(script: string): string | null {
  return CONCURRENT_INDEX.exec(script.replaceAll(/^--.*$/gm, '').trim())?.[1] ?? null;
}

/**
 * One connection with Prisma's adapter mended in two places. It does not know the type "char", which introspection reads from the
 * catalogue. And it splits scripts at `;`: here they run as one multi-statement query, whole or not at all, and with `$$` bodies; an index alone in its script may be
 * made `CONCURRENTLY`.
 */
async function connect(url: string, afterClose?: () => Promise<void>): Promise<SqlDriverAdapter> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  const adapter = await new PrismaPg(pool).connect();
  const query = pool.query.bind(pool);
  const queryRaw = adapter.queryRaw.bind(adapter);
  let charColumns: number[] = [];
  Object.assign(pool, {
    query: async (config: pg.QueryConfig) => {
      const result = await query(config);
      charColumns = result.fields.flatMap((field, index) => (field.dataTypeID === CHAR_OID ? [index] : []));
      for (const field of result.fields) if (field.dataTypeID === CHAR_OID) field.dataTypeID = TEXT_OID;
      return result;
    },
  });
  let closing: Promise<void> | undefined;
  return Object.assign(adapter, {
    queryRaw: async (sql: SqlQuery): Promise<SqlResultSet> => {
      const result = await queryRaw(sql);
      for (const index of charColumns) result.columnTypes[index] = ColumnTypeEnum.Character;
      return result;
    },
    executeScript: async (script: string): Promise<void> => {
      const index = readConcurrentIndex(script);
      // Of an index that is made while rows are written, a try that was cut off leaves a part that nothing uses.
      if (index !== null) await query(`DROP INDEX CONCURRENTLY IF EXISTS ${index}`);
      await query(index === null ? `${LIFT_ROW_SECURITY};\n${script};\n${RESTORE_ROW_SECURITY}` : script);
    },
    dispose: () => (closing ??= pool.end().then(afterClose)),
  });
}

/** Same server, other database. */
export function withDatabase(url: string, database: string): string {
  const target = new URL(url);
  target.pathname = `/${encodeURIComponent(database)}`;
  return target.href;
}

async function runOnce(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function createAdapterFactory(url: string, opened: SqlDriverAdapter[]): SqlMigrationAwareDriverAdapterFactory {
  const keep = (adapter: SqlDriverAdapter): SqlDriverAdapter => {
    opened.push(adapter);
    return adapter;
  };
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: async () => keep(await connect(url)),
    async connectToShadowDb() {
      const shadow = `gatehouse_shadow_${crypto.randomUUID().replaceAll('-', '')}`;
      await runOnce(url, `CREATE DATABASE "${shadow}"`);
      return keep(await connect(withDatabase(url, shadow), () => runOnce(url, `DROP DATABASE "${shadow}" WITH (FORCE)`)));
    },
  };
}

async function loadEngine(): Promise<void> {
  const wasmPath = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/\.js$/, '.wasm');
  const compiled = await WebAssembly.compile(new Uint8Array(await readFile(wasmPath)));
  const imports: Record<string, unknown> = { ...engine };
  // The engine never clears the timer of its lock; referenced, it would hold a finished process for ten seconds.
  for (const name of Object.keys(imports).filter((key) => key.startsWith('__wbg_setTimeout')))
    imports[name] = (callback: () => void, milliseconds: number) => setTimeout(callback, milliseconds).unref();
  const instance = await WebAssembly.instantiate(compiled, { './schema_engine_bg.js': imports });
  engine.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

/** The engine names a failure of the database by number only; the adapter kept what it was. */
function getCause(error: unknown, registry: ErrorRegistry): unknown {
  const id = error instanceof Error ? /External error id#(\d+)/.exec(error.message)?.[1] : undefined;
  const cause = id === undefined ? undefined : registry.consumeError(Number(id))?.error;
  return cause instanceof Error ? new Error(cause.message, { cause }) : error;
}

/** Runs `fn` with Prisma's schema engine (WebAssembly, nothing to download) connected to the owner's database. */
export async function withSchemaEngine<T>(
  ownerUrl: string,
  datamodels: [path: string, content: string][],
  fn: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  await (loading ??= loadEngine());
  const opened: SqlDriverAdapter[] = [];
  const factory = bindMigrationAwareSqlAdapterFactory(createAdapterFactory(ownerUrl, opened));
  let instance: SchemaEngine | undefined;
  try {
    instance = await engine.SchemaEngine.new({ datamodels }, () => undefined, factory);
    return await fn(instance);
  } catch (error) {
    throw getCause(error, factory.errorRegistry);
  } finally {
    instance?.free();
    // The engine forgets connections; an open one would keep Prisma's migration lock.
    await Promise.all(opened.map((adapter) => adapter.dispose()));
  }
}
