import { runAdmin, startTestPostgres } from '@gatehouse/db/testing/postgres-server';

/** A PostgreSQL with one small table for the subjects that speak to one. */
export async function startSubjectDatabase(): Promise<{ url: string; stop(): Promise<void> }> {
  const postgres = await startTestPostgres();
  const { ownerUrl } = postgres;
  const url = new URL(ownerUrl);
  url.pathname = '/postgres';
  await runAdmin(ownerUrl, 'CREATE TABLE item (id integer PRIMARY KEY, name text NOT NULL)');
  await runAdmin(ownerUrl, "INSERT INTO item VALUES (1, 'bolt'), (2, 'nut')");
  return { url: url.href, stop: () => postgres.stop() };
}
