import type pg from 'pg';

/** What each process connects as: no superuser, no bypass of row security, and no right that the process does not need. Made by a migration. */
export const PROCESS_ROLES = { console: 'gatehouse_console', hub: 'gatehouse_hub', worker: 'gatehouse_worker' } as const;
export type ProcessName = keyof typeof PROCESS_ROLES;
export type PerProcess<T> = Record<ProcessName, T>;

export const PROCESS_NAMES = ['console', 'hub', 'worker'] as const satisfies readonly ProcessName[];

/** A connection URL of a server on this machine. */
export function buildDatabaseUrl(part: { user: string; password: string; port: number; database: string }): string {
  const url = new URL(`postgresql://127.0.0.1:${part.port}/${encodeURIComponent(part.database)}`);
  url.username = part.user;
  url.password = part.password;
  return url.href;
}

/** The URL of each process to the owner's database. */
export function toProcessUrls(ownerUrl: string, passwords: PerProcess<string>): PerProcess<string> {
  const toUrl = (name: ProcessName): string => {
    const url = new URL(ownerUrl);
    url.username = PROCESS_ROLES[name];
    url.password = passwords[name];
    return url.href;
  };
  return { console: toUrl('console'), hub: toUrl('hub'), worker: toUrl('worker') };
}

/** Sets the password of a process's role. ALTER ROLE takes no parameters, so the server composes the quoted statement. */
export async function setRolePassword(client: pg.Client, name: ProcessName, password: string): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    `SELECT format('ALTER ROLE ${PROCESS_ROLES[name]} LOGIN PASSWORD %L', $1::text) AS statement`,
    [password],
  );
  for (const { statement } of rows) await client.query(statement);
}
