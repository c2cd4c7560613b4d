import pg from 'pg';

import { PROCESS_ROLES } from './process-roles.ts';

/** Moving a month out of the default partition may take longer than what the role is given. */
const MOVE_LIMIT = '10min';

/** First instants of the current month (UTC) and the given number after it, and the one that closes the last. */
function listMonthStarts(now: Date, monthsAhead: number): Date[] {
  return Array.from(
    { length: monthsAhead + 2 },
    (_, index) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + index, 1)),
  );
}

/**
 * Makes the monthly receipt partitions from this month on that are missing, moving over what already lies in the default partition.
 * Safe to run at any time and in parallel. `url` is the worker's, whose role owns them, or the owner's. Returns the names of what it made.
 */
export async function ensureReceiptPartitions(
  url: string,
  { monthsAhead = 2, now = new Date() }: { monthsAhead?: number; now?: Date } = {},
): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const made: string[] = [];
    const starts = listMonthStarts(now, monthsAhead);
    for (const [index, from] of starts.slice(0, -1).entries()) {
      const to = starts[index + 1] ?? from;
      const name = toPartitionName(from);
      if (await ensurePartition(client, { name, from, to })) made.push(name);
    }
    return made;
  } finally {
    await client.end();
  }
}

/** The names of the partitions of this month and the next that are missing. For any role that may connect. */
export async function listReceiptMonths(url: string, now = new Date()): Promise<{ missing: string[] }> {
  const wanted = listMonthStarts(now, 1).slice(0, -1).map(toPartitionName);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT part.relname AS name FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid JOIN pg_class whole ON whole.oid = inhparent
       WHERE whole.relname = 'months' AND whole.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'receipts')`,
    );
    return { missing: wanted.filter((name) => !rows.some((row) => row.name === name)) };
  } finally {
    await client.end();
  }
}

const toPartitionName = (from: Date): string => `receipt_${from.toISOString().slice(0, 7).replace('-', '_')}`;

interface Month {
  name: string;
  from: Date;
  to: Date;
}

async function ensurePartition(client: pg.Client, { name, from, to }: Month): Promise<boolean> {
  const table = pg.escapeIdentifier(name);
  const [low, high] = [from, to].map((date) => pg.escapeLiteral(date.toISOString()));
  const inRange = `received_at >= ${low} AND received_at < ${high}`;
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL statement_timeout = '${MOVE_LIMIT}'; SET LOCAL lock_timeout = '${MOVE_LIMIT}'`);
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('receipt_partitions'))`);
    await client.query(`SET LOCAL ROLE ${PROCESS_ROLES.worker}; SET LOCAL search_path TO receipts`);
    const { rowCount } = await client.query('SELECT WHERE to_regclass($1) IS NOT NULL', [`receipts.${table}`]);
    if (!rowCount) {
      // Row security is lifted for the move only: it binds the owner too, and the rows are of many tenants. The lock keeps others out.
      await client.query(`
        CREATE TABLE ${table} (LIKE months INCLUDING ALL);
        ALTER TABLE receipt_default NO FORCE ROW LEVEL SECURITY;
        WITH moved AS (DELETE FROM receipt_default WHERE ${inRange} RETURNING *) INSERT INTO ${table} SELECT * FROM moved;
        ALTER TABLE receipt_default FORCE ROW LEVEL SECURITY;
        ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant_isolation ON ${table} FOR ALL
          USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());
        ALTER TABLE months ATTACH PARTITION ${table} FOR VALUES FROM (${low}) TO (${high});`);
    }
    await client.query('COMMIT');
    return !rowCount;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
