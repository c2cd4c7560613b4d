import { z } from 'zod';

import { Prisma, type Database } from './client.ts';
import { DatabaseBusyError } from './database-busy.ts';

/** The database inside one transaction that sees one tenant, or what a presented key opens. */
export type TenantTx = Prisma.TransactionClient;

export interface TransactionOptions {
  /** how long the function, and each statement of it, may take, milliseconds */
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
 * Throws DatabaseBusyError when it takes too long or waits too long for others.
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

async function transact<T>(
  db: Database,
  { tenantId = '', userId = '', lookup = '' }: PresentedKey & { tenantId?: string },
  fn: (tx: TenantTx) => Promise<T>,
  { timeoutMs = TIMEOUT_MS, isolation }: TransactionOptions,
): Promise<T> {
  const work = async (tx: TenantTx) => {
    // All three are written, so nothing that an earlier use of the connection might have left is ever looked at.
    await tx.$executeRaw`
      SELECT set_config('app.tenant_id', ${tenantId}, true), set_config('app.user_id', ${userId}, true),
             set_config('app.lookup', ${lookup}, true), set_config('statement_timeout', ${String(timeoutMs)}, true)`;
    return fn(tx);
  };
  try {
    return await db.prisma.$transaction(work, { timeout: timeoutMs, maxWait: MAX_WAIT_MS, isolationLevel: isolation });
  } catch (error) {
    throw toBusyError(error);
  }
}

/** No connection became free; the transaction took too long; it met another one. */
const PRISMA_CODES = ['P2024', 'P2028', 'P2034'];
/** statement_timeout, lock_timeout, idle_in_transaction_session_timeout, transaction_timeout */
const POSTGRES_CODES = ['57014', '55P03', '25P03', '25P04'];

const PostgresMeta = z.object({ driverAdapterError: z.object({ cause: z.object({ code: z.enum(POSTGRES_CODES) }) }) });

/** What a transaction threw: a DatabaseBusyError when it ran into a limit, any other error as it is. */
function toBusyError(error: unknown): unknown {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return error;
  const isBusy = PRISMA_CODES.includes(error.code) || PostgresMeta.safeParse(error.meta).success;
  return isBusy ? new DatabaseBusyError('The database is too busy for this.', { cause: error }) : error;
}
