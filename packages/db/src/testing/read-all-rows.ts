/** Every row of every table of a database, as JSON text, bytes in hex. `query`: as the owner, whom no policy keeps rows from. */
export async function readAllRows(query: (sql: string) => Promise<unknown[]>): Promise<string[]> {
  const tables = await query(
    `select format('%I.%I', schemaname, tablename) as text from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const rows: string[] = [];
  for (const table of readTexts(tables))
    rows.push(...readTexts(await query(`select to_jsonb(t)::text as text from only ${table} t`)));
  return rows;
}

function readTexts(rows: unknown[]): string[] {
  return rows.map((row) => {
    if (typeof row !== 'object' || row === null || !('text' in row) || typeof row.text !== 'string') throw new Error('no text');
    return row.text;
  });
}
