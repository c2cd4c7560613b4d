import pg from 'pg';

import { PROCESS_NAMES, PROCESS_ROLES, type PerProcess, type ProcessName } from '@gatehouse/db/process-roles';
import { isLoopback } from '@gatehouse/network/hostname';

import { describeFault } from '../fault.ts';
import { fail, type Finding, note, pass } from './finding.ts';

const CONNECT_MS = 10_000;
/** With which the product is tested. */
const POSTGRES_VERSION = 18;
/** Signed messages of agents are refused beyond 5 minutes; leases and links go by these clocks too. */
const SKEW_MS = { warning: 2_000, problem: 30_000 };

interface Role {
  version: number;
  now: Date;
  encrypted: boolean;
  /** what a process's role must not be */
  powers: string[];
  /** schemas in which it could make tables */
  schemas: string[];
}

const ROLE = `
  SELECT current_setting('server_version_num')::int / 10000 AS version, clock_timestamp() AS now,
    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted,
    array_remove(ARRAY[
      CASE WHEN r.rolsuper THEN 'is a superuser' END,
      CASE WHEN r.rolbypassrls THEN 'bypasses row level security' END,
      CASE WHEN r.rolcreaterole THEN 'may make roles' END,
      CASE WHEN r.rolcreatedb THEN 'may make databases' END,
      CASE WHEN has_database_privilege(current_database(), 'CREATE') THEN 'may make schemas' END,
      CASE WHEN pg_has_role(current_user, d.datdba, 'MEMBER') THEN 'is a member of the owner' END], NULL) AS powers,
    ARRAY(SELECT nspname::text FROM pg_namespace
          WHERE nspname IN ('public', 'app', 'bullmq') AND has_schema_privilege(oid, 'CREATE') ORDER BY 1) AS schemas
  FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`;

/** Connects as each process: does the role answer, is it no more than it should be, and do the clocks agree? */
export async function checkDatabase(urls: Partial<PerProcess<string>>): Promise<Finding[]> {
  const given = PROCESS_NAMES.flatMap((name) => (urls[name] === undefined ? [] : [{ name, url: urls[name] }]));
  return (await Promise.all(given.map(({ name, url }) => checkRole(name, url)))).flat();
}

async function checkRole(name: ProcessName, url: string): Promise<Finding[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS, query_timeout: CONNECT_MS });
  try {
    await client.connect();
    const before = Date.now();
    const { rows } = await client.query<Role>(ROLE);
    const between = (before + Date.now()) / 2;
    const [role] = rows;
    return role ? describeRole(name, role, { isNear: isLoopback(new URL(url).hostname), skewMs: between - +role.now }) : [];
  } catch (error) {
    return [fail(name, `PostgreSQL does not let ${PROCESS_ROLES[name]} in: ${describeFault(error)}`)];
  } finally {
    await client.end().catch(() => undefined);
  }
}

function describeRole(
  name: ProcessName,
  { version, encrypted, powers, schemas }: Role,
  { isNear, skewMs }: { isNear: boolean; skewMs: number },
): Finding[] {
  const role = PROCESS_ROLES[name];
  const excess = [...powers, ...schemas.map((schema) => `may make tables in the schema ${schema}`)];
  const skew = Math.abs(skewMs);
  const seconds = (skew / 1_000).toFixed(1);
  return [
    pass(name, `PostgreSQL ${version} answers as ${role}`),
    ...(version < POSTGRES_VERSION
      ? [note(name, `the product is tested with PostgreSQL ${POSTGRES_VERSION}, this is ${version}`)]
      : []),
    ...(excess.length > 0
      ? [fail(name, `the role ${role} ${excess.join(', ')}: take that from it, because row level security would not hold it`)]
      : [pass(name, `the role ${role} has no DDL and does not bypass row level security`)]),
    ...(encrypted || isNear
      ? []
      : [note(name, 'the connection to PostgreSQL is not encrypted: add sslmode=verify-full to its URL')]),
    ...(skew > SKEW_MS.problem
      ? [fail(name, `the clock of this machine and that of PostgreSQL differ by ${seconds} s: set both by NTP`)]
      : skew > SKEW_MS.warning
        ? [note(name, `the clock of this machine and that of PostgreSQL differ by ${seconds} s`)]
        : [pass(name, 'the clocks of this machine and of PostgreSQL agree')]),
  ];
}
