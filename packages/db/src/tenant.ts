import type { Database, Prisma } from './client.ts';

/** The database inside one transaction that sees one tenant, or what a presented key opens. */
export type TenantTx = Prisma.TransactionClient;

export interface TransactionOptions {
  /** how long the function may take, milliseconds */
  timeoutMs?: number;
  isolation?: Prisma.TransactionIsolationLevel;
}

/** What someone shows before a tenant is known: a user id, or the hash of a token, an agent id, an e-mail address, a session id. */
export interface PresentedKey {
  userId?: string;
  lookup?: string;
}

const TIMEOUT_MS = 15_000;
const MAX_WAIT_MS = 10_000;

/**
 * Runs `fn` in one transaction that reads and writes rows of this tenant only; the database enforces it. Rolls back when `fn` throws.
 * `tenantId` is a UUID; anything else is an error at the first query.
 */
export function runInTenant<T>(
  db: Database,
  tenantId: string,
  fn: (tx: TenantTx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  return transact(db, { tenantId }, fn, options);
}

/**
 * Runs `fn` in one transaction without a tenant. It sees only the rows that the key opens: memberships and sessions of the user, the
 * join token, agent, person or session that was looked up, and the list of tenants. Everything else is an error.
 */
export function runInLookup<T>(
  db: Database,
  key: PresentedKey,
  fn: (tx: TenantTx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  return transact(db, key, fn, options);
}

/** Shows a further key inside a running transaction, for example the e-mail address of a person about to be added to the tenant. */
export async function presentKey(tx: TenantTx, key: PresentedKey): Promise<void> {
  if (key.userId !== undefined) await tx.$executeRaw`SELECT set_config('app.user_id', ${key.userId}, true)`;
  if (key.lookup !== undefined) await tx.$executeRaw`SELECT set_config('app.lookup', ${key.lookup}, true)`;
}

function transact<T>(
  db: Database,
  { tenantId = '', userId = '', lookup = '' }: PresentedKey & { tenantId?: string },
  fn: (tx: TenantTx) => Promise<T>,
  { timeoutMs = TIMEOUT_MS, isolation }: TransactionOptions,
): Promise<T> {
  return db.prisma.$transaction(
    async (tx) => {
      // All three are written, so nothing that an earlier use of the connection might have left is ever looked at.
      await tx.$executeRaw`
        SELECT set_config('app.tenant_id', ${tenantId}, true), set_config('app.user_id', ${userId}, true),
               set_config('app.lookup', ${lookup}, true)`;
      return fn(tx);
    },
    { timeout: timeoutMs, maxWait: MAX_WAIT_MS, isolationLevel: isolation },
  );
}
