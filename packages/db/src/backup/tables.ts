import type pg from 'pg';

/** A table of the product: of its partitions the whole. */
export interface ProductTable {
  /** "public.tenant", quoted where it has to be */
  name: string;
  owner: string;
  columns: string[];
  /** its rows are in no backup */
  isLeftOut: boolean;
}

/** Tables whose rows are in no backup, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'public.console_session': 'a session that has been ended since would open again: everybody signs in anew',
  'public.passkey_challenge': 'serves one attempt of the last minutes',
  'public.rate_limit': 'counts attempts of the last minutes',
};

const TABLES = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name, c.oid::int AS oid, pg_get_userbyid(c.relowner) AS owner,
    (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
    ARRAY(SELECT DISTINCT confrelid::int FROM pg_constraint
          WHERE conrelid = c.oid AND contype = 'f' AND conparentid = 0 AND confrelid <> c.oid) AS needs
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname IN ('public', 'receipts') AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> '_prisma_migrations'
  ORDER BY 1`;

interface FoundTable extends Omit<ProductTable, 'isLeftOut'> {
  oid: number;
  needs: number[];
}

/**
 * Every table of the product, each after those that it refers to, else by name. Queues are not among them: a worker schedules its jobs anew, and
 * what waited is found again by what stands in the tables.
 */
export async function listProductTables(client: pg.Client): Promise<ProductTable[]> {
  const { rows } = await client.query<FoundTable>(TABLES);
  const sorted: ProductTable[] = [];
  const placed = new Set<number>();
  while (sorted.length < rows.length) {
    const next = rows.find(({ oid, needs }) => !placed.has(oid) && needs.every((need) => placed.has(need)));
    if (!next) throw new Error('The tables refer to each other in a circle, so they have no order to restore them in.');
    placed.add(next.oid);
    const { name, owner, columns } = next;
    sorted.push({ name, owner, columns, isLeftOut: name in LEFT_OUT });
  }
  return sorted;
}

/** The months that have a partition for receipts, as 2026-11. */
export async function listPartitionMonths(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT part.relname AS name FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid
     WHERE inhparent = to_regclass('receipts.months') ORDER BY 1`,
  );
  return rows.flatMap(({ name }) => {
    const [, year, month] = /^receipt_(\d{4})_(\d\d)$/.exec(name) ?? [];
    return year === undefined ? [] : [`${year}-${month}`];
  });
}
