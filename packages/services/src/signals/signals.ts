import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';

/** What changed. A signal is only a hint to read again: a lost one costs seconds, never correctness. */
export const SignalKind = z.enum([
  'tenant',
  'site',
  'agent',
  'join_token',
  'server',
  'discovery',
  'review',
  'profile',
  'client_key',
  'member',
  'group',
  'access_request',
  'receipt',
  'revocation',
]);
export type SignalKind = z.infer<typeof SignalKind>;

export interface Signal {
  tenantId: string;
  kind: SignalKind;
  /** id of the entity, or MANY */
  id: string;
}

/** Instead of an id: more entities of this kind changed than fit into one message. */
export const MANY = '*';

export type SignalListener = (signal: Signal) => void;

export interface Signals {
  /** Hears one tenant's signals, or all with an empty filter. Returns the function that stops it. A listener must not throw. */
  subscribe(filter: { tenantId?: string }, listener: SignalListener): () => void;
  /** For `mutate` only. Postgres: one NOTIFY in the transaction, heard on commit. */
  publishInTransaction(tx: TenantTx, signals: readonly Signal[]): Promise<void>;
  /** For `mutate` only. Redis: one publish per tenant after the commit; a failure is logged, never thrown. */
  publishAfterCommit(signals: readonly Signal[]): Promise<void>;
  close(): Promise<void>;
}
