import type { Client } from 'pg';

/** Everything that the database holds of a tenant, and how to put it back as it was: a restore from a backup. */
export async function saveTenant(owner: Client, tenantId: string): Promise<() => Promise<void>> {
  const { rows: tables } = await owner.query<{ name: string }>(`
    SELECT relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`);
  const saved: { name: string; rows: string }[] = [];
  for (const { name } of tables) {
    const sql = `SELECT coalesce(jsonb_agg(t), '[]') AS rows FROM "${name}" t WHERE tenant_id = $1`;
    const { rows } = await owner.query<{ rows: object[] }>(sql, [tenantId]);
    saved.push({ name, rows: JSON.stringify(rows[0]?.rows) });
  }
  return async () => {
    await owner.query(`SET session_replication_role = replica`);
    for (const { name, rows } of saved) {
      await owner.query(`DELETE FROM "${name}" WHERE tenant_id = $1`, [tenantId]);
      await owner.query(`INSERT INTO "${name}" SELECT * FROM jsonb_populate_recordset(null::"${name}", $1)`, [rows]);
    }
    await owner.query(`SET session_replication_role = DEFAULT`);
  };
}
