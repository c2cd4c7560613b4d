import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import type { Change } from './parts/build-trees.ts';
import { type WriteReason, writeConfigurations } from './write-configuration.ts';

/** How long something that is revoked already waits for a site whose configuration somebody else is writing, milliseconds. */
const WAIT_MS = 2_000;

/**
 * `writeConfigurations` after something was revoked in the same mutation. The revocation log says it already, so whatever keeps a configuration from being
 * written, as a site that is being built or a stored document that cannot be read, undoes no revocation: it is logged, and the worker's next pass writes
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
    const [before] = await tx.$queryRaw<{ timeout: string }[]>`select current_setting('lock_timeout') as timeout`;
    await tx.$executeRaw`select set_config('lock_timeout', ${String(WAIT_MS)}, true)`;
    await writeConfigurations(m, ctx, siteIds, reason, change);
    await tx.$executeRaw`select set_config('lock_timeout', ${before?.timeout ?? '0'}, true)`;
    await tx.$executeRaw`release savepoint configurations`;
  } catch (error) {
    // takes the lock_timeout back as well
    await tx.$executeRaw`rollback to savepoint configurations`;
    const { tenantId, runtime } = ctx;
    runtime.log.error(
      { err: error, tenantId, reason },
      'what was revoked is not in the configuration yet; the next pass of the worker writes it',
    );
  }
}
