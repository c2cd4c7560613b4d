import pg from 'pg';

import type { Database } from '../client.ts';

export interface ReadCost {
  /** statements that were answered, those of the transaction included */
  queries: number;
  /** rows that came back */
  rows: number;
  /** their size on the connection */
  bytes: number;
}

/** Runs `work` and counts what goes over the connections of the pool. Nothing else may use the pool meanwhile. */
export async function countReads<T>({ pool }: Database, work: () => Promise<T>): Promise<ReadCost & { result: T }> {
  const cost: ReadCost = { queries: 0, rows: 0, bytes: 0 };
  const onQuery = (): unknown => (cost.queries += 1);
  const onRow = ({ length }: { length: number }): void => {
    cost.rows += 1;
    cost.bytes += length;
  };
  const watched = new Set<pg.Client>();
  const watch = (client: pg.PoolClient): void => {
    if (!(client instanceof pg.Client) || watched.has(client)) return;
    watched.add(client);
    client.connection.on('commandComplete', onQuery).on('dataRow', onRow);
  };
  pool.on('acquire', watch);
  try {
    const result = await work();
    return { ...cost, result };
  } finally {
    pool.off('acquire', watch);
    for (const { connection } of watched) connection.off('commandComplete', onQuery).off('dataRow', onRow);
  }
}
