import type { TenantTx } from '@gatehouse/db/tenant';

import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import type { Change } from './parts/build-trees.ts';
import { type WriteReason, writeConfigurations } from './write-configuration.ts';

/** How long something that is revoked already waits for a site whose configuration somebody else is writing, milliseconds. */
const WAIT_MS = 2_000;
/** How long it waits for all configurations, and for any one statement: well within what its transaction may take, by whose end it would be undone. */
const MOST_MS = 4_000;

/**
 * `writeConfigurations` after something was revoked in the same mutation. The revocation log says it already, so whatever keeps a configuration from being
 * written, as a site that is being built, one that takes long, or a stored document that cannot be read, undoes no revocation: it is logged, and the worker's next pass writes
 * what is missing then.
 */
export async function tryConfigurations(
  m: Mutation,
  ctx: ServiceContext,
  siteIds: readonly string[],
  reason: WriteReason,
  change: Change,
): Promise<void> {
  const { tx } = m;
  await tx.$executeRaw`savepoint configurations`;
  try {
    const [before] = await tx.$queryRaw<{ lock: string; statement: string }[]>`
      select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement`;
    await setTimeouts(tx, String(WAIT_MS), String(MOST_MS));
    await writeConfigurations({ ...m, tx: limitTime(tx, performance.now() + MOST_MS) }, ctx, siteIds, reason, change);
    await setTimeouts(tx, before?.lock ?? '0', before?.statement ?? '0');
    await tx.$executeRaw`release savepoint configurations`;
  } catch (error) {
    // takes the timeouts back as well
    await tx.$executeRaw`rollback to savepoint configurations`;
    const { tenantId, runtime } = ctx;
    runtime.log.error(
      { err: error, tenantId, reason },
      'what was revoked is not in the configuration yet; the next pass of the worker writes it',
    );
  }
}

async function setTimeouts(tx: TenantTx, lock: string, statement: string): Promise<void> {
  await tx.$executeRaw`select set_config('lock_timeout', ${lock}, true), set_config('statement_timeout', ${statement}, true)`;
}

/** The same transaction, which takes no statement after this moment of `performance.now()`. */
function limitTime(tx: TenantTx, end: number): TenantTx {
  return new Proxy(tx, {
    get: (target, key): unknown => {
      if (performance.now() > end) throw new Error(`The configurations took more than ${MOST_MS} ms`);
      return Reflect.get(target, key);
    },
  });
}
