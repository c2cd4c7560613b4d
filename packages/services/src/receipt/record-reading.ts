import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import { hashContent } from '@gatehouse/policy/documents/content-hash';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';

/** What was read again within this time is the same reading: pages read themselves again whenever something arrives, milliseconds. */
const READING_MS = 3_600_000;

/** The log says already that the actor was given the values of this call. Asked inside of the reading itself, so that what is read again costs no transaction that writes. */
export async function isReadingRecorded(tx: TenantTx, ctx: ServiceContext, receiptId: string): Promise<boolean> {
  return (await listReadings(tx, ctx, 'receipt.read_values', receiptId)).length > 0;
}

/**
 * Writes into the log that somebody is given the values of one call; once an hour for each call and person. Await it before the values are handed over:
 * what cannot be written down is not read.
 */
export async function recordReading(ctx: ServiceContext, receipt: { id: string; personId: string | null }): Promise<void> {
  authorize(ctx, 'receipt.values');
  await mutate(
    ctx,
    async (m) => {
      await lockReader(m, ctx);
      if (await isReadingRecorded(m.tx, ctx, receipt.id)) return m.reportUnchanged();
      const after = receipt.personId === null ? {} : { membershipId: receipt.personId };
      await m.audit({ action: 'receipt.read_values', entityType: 'receipt', entityId: receipt.id, after });
    },
    { whileStopped: true },
  );
}

/** A page of a list with values of other people's calls. */
export interface ListReading {
  /** of those calls */
  receivedAt: readonly Date[];
  /** the page begins with the newest calls, and an entry of it covers those that arrive in the hour after it too */
  follows: boolean;
  /** what the list was narrowed to, apart from times */
  narrowed: Narrowed;
}

type Narrowed = Readonly<Record<string, string | undefined>>;

const Reading = z.object({
  from: z.coerce.date(),
  to: z.coerce.date(),
  following: z.boolean(),
  narrowed: z.record(z.string(), z.string()),
});

/** When the calls on the page came that no entry of the last hour covers. Asked inside of the reading itself, as `isReadingRecorded`. */
export async function listUnrecorded(tx: TenantTx, ctx: ServiceContext, { receivedAt, narrowed }: ListReading): Promise<Date[]> {
  if (receivedAt.length === 0) return [];
  const isSame = buildSameTest(narrowed);
  const before = (await listReadings(tx, ctx, 'receipt.list_values', ctx.tenantId)).flatMap(({ at, after }) => {
    const reading = Reading.safeParse(after).data;
    return reading && isSame(reading.narrowed)
      ? [{ ...reading, to: reading.following ? new Date(at.getTime() + READING_MS) : reading.to }]
      : [];
  });
  return receivedAt.filter((time) => !before.some(({ from, to }) => time >= from && time <= to));
}

/** As `recordReading`, for a page of a list: one entry for the calls on it that no entry of the last hour covers, from the oldest to the newest of them. */
export async function recordListReading(ctx: ServiceContext, reading: ListReading): Promise<void> {
  authorize(ctx, 'receipt.values');
  await mutate(
    ctx,
    async (m) => {
      await lockReader(m, ctx);
      const fresh = (await listUnrecorded(m.tx, ctx, reading)).map(Number);
      if (fresh.length === 0) return m.reportUnchanged();
      const [from, to] = [new Date(Math.min(...fresh)).toISOString(), new Date(Math.max(...fresh)).toISOString()];
      const after = { calls: fresh.length, from, to, following: reading.follows, narrowed: pickGiven(reading.narrowed) };
      await m.audit({ action: 'receipt.list_values', entityType: 'tenant', entityId: ctx.tenantId, after });
    },
    { whileStopped: true },
  );
}

const pickGiven = (narrowed: Narrowed): Record<string, string> =>
  Object.fromEntries(Object.entries(narrowed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

/** A reading of everything covers one that is narrowed. */
function buildSameTest(narrowed: Narrowed): (other: Narrowed) => boolean {
  const own = hashContent(pickGiven(narrowed));
  return (other) => Object.keys(other).length === 0 || hashContent(other) === own;
}

/** One reading after the other: two that come at the same moment are one entry. */
async function lockReader({ tx }: Mutation, { actor }: ServiceContext): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`read_values ${getActorId(actor)}`}, 0))`;
}

/** By the clock of the database, which stamps the entries. */
function listReadings(tx: TenantTx, { tenantId, actor }: ServiceContext, action: string, entityId: string) {
  return tx.$queryRaw<{ at: Date; after: unknown }[]>`
    select a.at, a.after from admin_audit a
    where a.tenant_id = ${tenantId}::uuid and a.entity_id = ${entityId} and a.action = ${action} and a.actor_kind = 'person'
      and a.actor_id = ${getActorId(actor)} and a.at > now() - ${READING_MS} * interval '1 millisecond'`;
}
