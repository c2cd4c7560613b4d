import { z } from 'zod';

import { hashContent } from '@gatehouse/policy/documents/canonical';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';

/** What was read again within this time is the same reading: pages read themselves again whenever something arrives, milliseconds. */
const READING_MS = 3_600_000;

/**
 * Writes into the log that somebody is given the values of one call; once an hour for each call and person. Await it before the values are handed over:
 * what cannot be written down is not read.
 */
export async function recordReading(ctx: ServiceContext, receipt: { id: string; personId: string | null }): Promise<void> {
  authorize(ctx, 'receipt.values');
  const action = 'receipt.read_values';
  await mutate(
    ctx,
    async (m) => {
      await lockReader(m, ctx);
      if ((await listReadings(m, ctx, action, receipt.id)).length > 0) return m.reportUnchanged();
      const after = receipt.personId === null ? {} : { membershipId: receipt.personId };
      await m.audit({ action, entityType: 'receipt', entityId: receipt.id, after });
    },
    { whileStopped: true },
  );
}

/** What a list was narrowed to, apart from times. */
type Narrowed = Readonly<Record<string, string | undefined>>;

const Reading = z.object({
  from: z.coerce.date(),
  to: z.coerce.date(),
  following: z.boolean(),
  narrowed: z.record(z.string(), z.string()),
});

/**
 * The same for a page of a list: one entry for the calls on it that no entry of the last hour covers, from the oldest to the newest of them. `follows`: the page begins with the newest
 * calls, and the entry covers those that arrive in that hour too.
 */
export async function recordListReading(
  ctx: ServiceContext,
  { receivedAt, follows, ...asked }: { receivedAt: readonly Date[]; follows: boolean; narrowed: Narrowed },
): Promise<void> {
  authorize(ctx, 'receipt.values');
  if (receivedAt.length === 0) return;
  const action = 'receipt.list_values';
  const narrowed = Object.fromEntries(Object.entries(asked.narrowed).filter(([, value]) => value !== undefined));
  await mutate(
    ctx,
    async (m) => {
      await lockReader(m, ctx);
      const isSame = buildSameTest(narrowed);
      const before = (await listReadings(m, ctx, action, ctx.tenantId)).flatMap(({ at, after }) => {
        const reading = Reading.safeParse(after).data;
        return reading && isSame(reading.narrowed)
          ? [{ ...reading, to: reading.following ? new Date(at.getTime() + READING_MS) : reading.to }]
          : [];
      });
      const fresh = receivedAt.filter((time) => !before.some(({ from, to }) => time >= from && time <= to)).map(Number);
      if (fresh.length === 0) return m.reportUnchanged();
      const [from, to] = [new Date(Math.min(...fresh)).toISOString(), new Date(Math.max(...fresh)).toISOString()];
      const after = { calls: fresh.length, from, to, following: follows, narrowed };
      await m.audit({ action, entityType: 'tenant', entityId: ctx.tenantId, after });
    },
    { whileStopped: true },
  );
}

/** A reading of everything covers one that is narrowed. */
function buildSameTest(narrowed: Narrowed): (other: Narrowed) => boolean {
  const own = hashContent(narrowed);
  return (other) => Object.keys(other).length === 0 || hashContent(other) === own;
}

/** One reading after the other: two that come at the same moment are one entry. */
async function lockReader({ tx }: Mutation, { actor }: ServiceContext): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`read_values ${getActorId(actor)}`}, 0))`;
}

/** By the clock of the database, which stamps the entries. */
async function listReadings({ tx }: Mutation, { tenantId, actor }: ServiceContext, action: string, entityId: string) {
  const [clock] = await tx.$queryRaw<{ now: Date }[]>`select now()`;
  return tx.adminAudit.findMany({
    where: {
      tenantId,
      entityId,
      action,
      actorKind: 'person',
      actorId: getActorId(actor),
      at: { gt: new Date((clock?.now.getTime() ?? 0) - READING_MS) },
    },
    select: { at: true, after: true },
  });
}
