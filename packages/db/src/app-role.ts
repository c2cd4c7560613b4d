import type pg from 'pg';

/** The role that console, hub and worker connect as: no superuser, no bypass of row security, no DDL. Made by the first migration. */
export const APP_ROLE = 'gatehouse_app';

/** A connection URL of a server on this machine. */
export function buildDatabaseUrl(part: { user: string; password: string; port: number; database: string }): string {
  const url = new URL(`postgresql://127.0.0.1:${part.port}/${encodeURIComponent(part.database)}`);
  url.username = part.user;
  url.password = part.password;
  return url.href;
}

/** The application role's URL to the owner's database. */
export function toAppUrl(ownerUrl: string, appRolePassword: string): string {
  const url = new URL(ownerUrl);
  url.username = APP_ROLE;
  url.password = appRolePassword;
  return url.href;
}

/** Sets the password of the application role. ALTER ROLE takes no parameters, so the server composes the quoted statement. */
export async function setAppRolePassword(client: pg.Client, password: string): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    `SELECT format('ALTER ROLE ${APP_ROLE} LOGIN PASSWORD %L', $1::text) AS statement`,
    [password],
  );
  for (const { statement } of rows) await client.query(statement);
}
