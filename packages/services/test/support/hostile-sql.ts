import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import type pg from 'pg';

/** One table as its owner sees it, and what a role may do to it. */
export interface Table {
  name: string;
  columns: { name: string; type: string; labels: string[]; canUpdate: boolean }[];
  canInsert: boolean;
  canDelete: boolean;
  rows: Row[];
}

type Row = Record<string, unknown>;
type Column = Table['columns'][number];

/** A statement of somebody who has the URL of a role, in the tenant of choice. */
export interface Statement {
  tenantId: string;
  sql: string;
  values: unknown[];
}

/** Every table of ours, with all that is in it. */
export async function readTables(owner: pg.Client, role: string): Promise<Table[]> {
  const { rows } = await owner.query<Omit<Table, 'rows'>>(
    `SELECT c.oid::regclass::text AS name, has_table_privilege($1, c.oid, 'INSERT') AS "canInsert", has_table_privilege($1, c.oid, 'DELETE') AS "canDelete",
       json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL), 'canUpdate', has_column_privilege($1, c.oid, a.attnum, 'UPDATE'),
         'labels', (SELECT coalesce(json_agg(enumlabel ORDER BY enumsortorder), '[]') FROM pg_enum WHERE enumtypid = a.atttypid)) ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> '_prisma_migrations'
     GROUP BY c.oid ORDER BY 1`,
    [role],
  );
  const tables: Table[] = [];
  for (const table of rows) {
    const found = await owner.query<{ row: Row }>(`SELECT to_json(t) AS row FROM ${table.name} t`);
    tables.push({ ...table, rows: found.rows.map(({ row }) => row) });
  }
  return tables;
}

export const isWritable = ({ columns, canInsert, canDelete }: Table): boolean =>
  canInsert || canDelete || columns.some(({ canUpdate }) => canUpdate);

/** Puts back what these tables held. Needs the superuser: evidence lets nobody else take it away. */
export async function restoreTables(owner: pg.Client, tables: readonly Table[]): Promise<void> {
  await owner.query('BEGIN');
  await owner.query(`SET LOCAL session_replication_role = 'replica'`);
  for (const { name, rows } of tables) {
    await owner.query(`DELETE FROM ${name}`);
    await owner.query(`INSERT INTO ${name} SELECT * FROM json_populate_recordset(null::${name}, $1)`, [JSON.stringify(rows)]);
  }
  await owner.query('COMMIT');
}

/** Draws statements from what these tables hold, mostly what the role may do, and some of everything else. The same for the same seed. */
export function drawStatements(
  tables: readonly Table[],
  tenantIds: readonly string[],
  { seed, count }: { seed: number; count: number },
): Statement[] {
  const draw = new StatementDraw(tables, tenantIds);
  const allowed = tables.flatMap((table) => {
    const columns = table.columns.filter(({ canUpdate }) => canUpdate);
    return [
      ...(table.canInsert ? [draw.insertInto(table), draw.insertInto(table)] : []),
      ...(columns.length > 0 ? [draw.update(table, columns)] : []),
      ...(table.canDelete ? [draw.deleteFrom(table)] : []),
    ];
  });
  const anything = tables.flatMap((table) => [draw.insertInto(table), draw.update(table, table.columns), draw.deleteFrom(table)]);
  const statement = fc.oneof({ weight: 4, arbitrary: fc.oneof(...allowed) }, { weight: 1, arbitrary: fc.oneof(...anything) });
  return fc.sample(statement, { seed, numRuns: count });
}

/** Values are those of the same column elsewhere, also of another tenant, of any column of the same type, or an end of the type. */
class StatementDraw {
  readonly #tables: readonly Table[];
  readonly #tenantId: fc.Arbitrary<string>;
  readonly #ofType: ReadonlyMap<string, unknown[]>;

  constructor(tables: readonly Table[], tenantIds: readonly string[]) {
    this.#tables = tables;
    this.#tenantId = fc.constantFrom(...tenantIds);
    this.#ofType = collectValues(tables);
  }

  /** A row once more, with other values in some columns. */
  insertInto(table: Table): fc.Arbitrary<Statement> {
    const { name, columns } = table;
    return fc.tuple(this.#tenantId, fc.nat(), this.#drawChange(table, columns)).map(([tenantId, at, change]) => {
      const rows = table.rows.filter((row) => row.tenant_id === undefined || row.tenant_id === tenantId);
      const row = rows[at % Math.max(rows.length, 1)] ?? this.#buildRow(table, at);
      // under an id of its own, so that it is not refused as one that is there
      const values = { ...row, ...(typeof row.id === 'string' && { id: randomUUID() }), ...change };
      const sql = `INSERT INTO ${name} SELECT * FROM json_populate_record(null::${name}, $1)`;
      return { tenantId, sql, values: [JSON.stringify(values)] };
    });
  }

  /** Of all rows or of one. */
  update(table: Table, columns: readonly Column[]): fc.Arbitrary<Statement> {
    const { name } = table;
    const one = fc.option(fc.nat(9));
    return fc.tuple(this.#tenantId, one, this.#drawChange(table, columns)).map(([tenantId, at, change]) => {
      const set = Object.keys(change).map((column) => `"${column}" = (json_populate_record(null::${name}, $1))."${column}"`);
      const where = at === null ? '' : ` WHERE ctid = (SELECT ctid FROM ${name} OFFSET ${at} LIMIT 1)`;
      return { tenantId, sql: `UPDATE ${name} SET ${set.join(', ')}${where}`, values: [JSON.stringify(change)] };
    });
  }

  deleteFrom({ name }: Table): fc.Arbitrary<Statement> {
    return this.#tenantId.map((tenantId) => ({ tenantId, sql: `DELETE FROM ${name}`, values: [] }));
  }

  #drawChange(table: Table, columns: readonly Column[]): fc.Arbitrary<Row> {
    const change = fc
      .constantFrom(...columns)
      .chain((column) => this.#drawValue(table, column).map((value): [string, unknown] => [column.name, value]));
    return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => Object.fromEntries(changes));
  }

  #drawValue({ rows }: Table, { name, type, labels }: Column): fc.Arbitrary<unknown> {
    const ofColumn = [...rows.map((row) => row[name]), ...labels, null];
    const ofType = [...(this.#ofType.get(type) ?? []), null];
    return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...ofColumn) }, { weight: 1, arbitrary: fc.constantFrom(...ofType) });
  }

  /** For a table without rows: what stands in columns of these names elsewhere. */
  #buildRow({ columns }: Table, at: number): Row {
    const rows = this.#tables.flatMap((table) => table.rows);
    return Object.fromEntries(
      columns.map(({ name }) => {
        const values = rows.flatMap((row) => (row[name] === undefined || row[name] === null ? [] : [row[name]]));
        return [name, values[at % Math.max(values.length, 1)]];
      }),
    );
  }
}

const ENDS: Record<string, unknown[]> = {
  'timestamp with time zone': ['1970-01-01T00:00:00Z', '2099-01-01T00:00:00Z'],
  bigint: [0, '9223372036854775807'],
  integer: [0, 2_147_483_647],
  boolean: [true, false],
  text: ['', 'f'.repeat(64)],
  jsonb: [{}, []],
};

/** By type. */
function collectValues(tables: readonly Table[]): Map<string, unknown[]> {
  const pools = new Map<string, Map<string, unknown>>();
  for (const { columns, rows } of tables) {
    for (const { name, type } of columns) {
      const pool = pools.get(type) ?? new Map((ENDS[type] ?? []).map((value) => [JSON.stringify(value), value]));
      pools.set(type, pool);
      for (const row of rows) pool.set(JSON.stringify(row[name] ?? null), row[name]);
    }
  }
  return new Map(Array.from(pools, ([type, pool]) => [type, [...pool.values()]]));
}
