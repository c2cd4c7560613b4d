import { runMigrations } from 'bullmq';
import pg from 'pg';

import { PROCESS_ROLES } from './process-roles.ts';

/** Where BullMQ's Postgres backend keeps its tables. */
export const QUEUE_SCHEMA = 'bullmq';

/** Every queue. BullMQ makes one id sequence per queue at first use; here the owner makes them, so that no process needs DDL. */
export const QUEUE_NAMES = ['system'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

/** Who queues jobs or runs them: the console does neither. */
const QUEUE_USERS = [PROCESS_ROLES.hub, PROCESS_ROLES.worker].join(', ');

/**
 * What to hand to BullMQ as `connection`, together with `createPostgresBackend`: the process's URL, no migration. Not for `addBulk`,
 * which makes temporary tables.
 */
export function buildQueueConnection(url: string, max = 4) {
  return { connectionString: url, schema: QUEUE_SCHEMA, migrate: false, max };
}

/** Runs BullMQ's own migrations as the owner and lets the processes use the result. The client must be a session of its own. */
export async function migrateQueueSchema(client: pg.ClientBase): Promise<void> {
  await runMigrations(client, QUEUE_SCHEMA);
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL search_path TO ${QUEUE_SCHEMA}`);
    for (const queue of QUEUE_NAMES) {
      const { rows } = await client.query<{ name: string }>('SELECT job_id_seq_name($1) AS name', [queue]);
      for (const { name } of rows) await client.query(`CREATE SEQUENCE IF NOT EXISTS ${pg.escapeIdentifier(name)}`);
    }
    await client.query(`GRANT USAGE ON SCHEMA ${QUEUE_SCHEMA} TO ${QUEUE_USERS}`);
    await client.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${QUEUE_SCHEMA} TO ${QUEUE_USERS}`);
    await client.query(`REVOKE INSERT, UPDATE, DELETE ON ${QUEUE_SCHEMA}.migration FROM ${QUEUE_USERS}`);
    await client.query(`GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA ${QUEUE_SCHEMA} TO ${QUEUE_USERS}`);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
