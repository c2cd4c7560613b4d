import { Prisma } from '@gatehouse/db/client';
import { runInTenant, type TenantTx } from '@gatehouse/db/tenant';

import { getActorId, type ServiceContext } from '../context.ts';
import { ServiceError, toServiceError } from '../errors.ts';
import type { Signal, SignalKind } from '../signals/signals.ts';

/** One row of the admin log. `before` and `after` list allowed fields only: never a secret, a hash of one, or a document. */
export interface AuditEntry {
  /** of `createActId`, when a row is to carry the id of the act that made it */
  id?: string;
  /** `<entity>.<verb>`, for example "profile.publish" */
  action: string;
  entityType: string;
  entityId: string;
  before?: Prisma.InputJsonObject;
  after?: Prisma.InputJsonObject;
}

/** What a mutation writes with. */
export interface Mutation {
  tx: TenantTx;
  /** Writes one row for each entry: what is done to several subjects stands in the history of each. */
  audit: (...entries: AuditEntry[]) => Promise<void>;
  /** Hint that this entity changed; sent once, when the transaction commits. */
  signal: (kind: SignalKind, id: string) => void;
  /** The verb found nothing to change, so no audit row is due. */
  reportUnchanged: () => void;
}

export interface MutateOptions {
  /** false: telemetry of an agent or a system job, such as heartbeats, which leaves no row in the log */
  audited?: boolean;
  /** for what may take longer than what a person waits for */
  timeoutMs?: number;
  /** true: what people may do while everything in the workspace is stopped */
  whileStopped?: boolean;
}

/**
 * One tenant transaction that holds change, admin audit and signals. Throws (and rolls back) when nothing was audited. People change nothing of a
 * workspace that is suspended or about to be deleted: `precondition`.
 */
export async function mutate<T>(
  ctx: ServiceContext,
  fn: (mutation: Mutation) => Promise<T>,
  options: MutateOptions = {},
): Promise<T> {
  const { runtime, tenantId, actor } = ctx;
  if (options.audited === false && actor.kind === 'person') throw new Error('What a person changes is always audited');

  const signals: Signal[] = [];
  const work = async (tx: TenantTx) => {
    if (actor.kind === 'person' && options.whileStopped !== true) await refuseStopped(tx, tenantId);
    let due = options.audited !== false;
    const value = await fn({
      tx,
      audit: async (...entries) => {
        await writeAudit(tx, ctx, entries);
        due &&= entries.length === 0;
      },
      signal: (kind, id) => signals.push({ tenantId, kind, id }),
      reportUnchanged: () => {
        due = false;
      },
    });
    if (due) throw new Error('A mutation ended without an audit row');
    if (signals.length > 0) await runtime.signals.publishInTransaction(tx, signals);
    return value;
  };
  const { timeoutMs } = options;
  const result = await runInTenant(runtime.db, tenantId, work, timeoutMs === undefined ? {} : { timeoutMs }).catch(
    (error: unknown) => {
      throw toServiceError(error) ?? describeClash(error);
    },
  );
  if (signals.length > 0) await runtime.signals.publishAfterCommit(signals);
  return result;
}

async function refuseStopped(tx: TenantTx, tenantId: string): Promise<void> {
  const tenant = await tx.tenant.findUnique({ where: { id: tenantId }, select: { suspendedAt: true, deleteAfter: true } });
  if (tenant?.deleteAfter) {
    throw new ServiceError(
      'precondition',
      'This workspace is about to be deleted, so nothing in it can be changed. An owner can take that back under Settings.',
    );
  }
  if (tenant?.suspendedAt) {
    throw new ServiceError(
      'precondition',
      'This workspace is suspended, so nothing in it can be changed. Ask who runs Gatehouse for you.',
    );
  }
}

/** One tenant transaction for reading. */
export async function read<T>(ctx: ServiceContext, fn: (tx: TenantTx) => Promise<T>): Promise<T> {
  return runInTenant(ctx.runtime.db, ctx.tenantId, fn);
}

/** What goes wrong when two mutations meet becomes a ServiceError in words; any other error stays as it is. */
function describeClash(error: unknown): unknown {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return error;
  switch (error.code) {
    case 'P2002':
      return new ServiceError('conflict', 'The same was made at this very moment. Reload the page and look.', {
        cause: error,
      });
    case 'P2000':
    case 'P2006':
    case 'P2007':
    case 'P2020':
    case 'P2033':
      return new ServiceError('invalid', 'A value of it cannot be stored: it is too long, too large or of another kind.', {
        cause: error,
      });
    default:
      return error;
  }
}

async function writeAudit(tx: TenantTx, ctx: ServiceContext, entries: readonly AuditEntry[]): Promise<void> {
  const { tenantId, requestId, actor } = ctx;
  const common = { tenantId, requestId, actorKind: actor.kind, actorId: getActorId(actor) };
  await tx.adminAudit.createMany({ data: entries.map((entry) => ({ ...common, ...entry })) });
}
