import type { z } from 'zod';

import type { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { AuditBatch, MAX_STREAMS } from '@gatehouse/protocol/messages';
import { GENESIS_HASH, readReceipt, type WrittenReceipt } from '@gatehouse/protocol/receipt';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { parseExact, ServiceError } from '../errors.ts';
import { findUnstorable } from '../storable.ts';
import { toIndexedName, toStoredDocument } from './stored-document.ts';
import { verifyFreshReceipts, type StreamHead, verifyBatch } from './verify-batch.ts';

export const IngestReceipts = AuditBatch.omit({ type: true });
export type IngestReceipts = z.input<typeof IngestReceipts>;

interface Stream {
  tenantId: string;
  agentId: string;
  spoolId: string;
}

/**
 * Takes in a batch of receipts: what is stored already is skipped, a gap, a fork and a broken chain are refused as a whole
 * (`precondition` with a reason). Tenant, site and agent are those of the connection. Answers where the stream stands.
 */
export async function ingestReceipts({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: IngestReceipts;
}): Promise<{ throughSeq: number; headHash: string }> {
  authorize(ctx, 'receipt.ingest');
  const { spoolId, receipts } = parseExact(IngestReceipts, input);
  const { tenantId } = ctx;
  const { agentId, siteId } = requireAgent(ctx);
  verifyBatch(receipts, { spoolId, siteId });
  requireDistinctIds(receipts);

  return mutate(
    ctx,
    async ({ tx, signal }) => {
      const stream = { tenantId, agentId, spoolId };
      const head = await lockStream(tx, stream);
      const fresh = verifyFreshReceipts(receipts, head);
      const last = fresh.at(-1);
      if (!last) return { throughSeq: head.lastSeq, headHash: head.headHash };

      const receivedAt = ctx.runtime.now();
      const data = fresh.map((receipt) => toStoredRow(receipt, { tenantId, agentId, siteId, receivedAt }));
      for (const row of data) requireStorable(row);
      await tx.receipt.createMany({ data });
      await tx.agentStream.update({
        where: { tenantId_agentId_spoolId: stream },
        data: { lastSeq: last.seq, headHash: last.hash, updatedAt: receivedAt },
      });
      await markKeysUsed(tx, tenantId, data, receivedAt);
      signal('receipt', last.id);
      return { throughSeq: last.seq, headHash: last.hash };
    },
    { audited: false },
  );
}

const USED_EVERY_S = 60;

/**
 * Keeps when each client key was last used, by the agent's clock and not ahead of ours; a key in constant use is written to once a
 * minute, and one that somebody else writes to is left alone: no batch waits for it.
 */
async function markKeysUsed(
  tx: TenantTx,
  tenantId: string,
  rows: readonly Pick<Prisma.ReceiptCreateManyInput, 'keyId' | 'eventAt'>[],
  now: Date,
): Promise<void> {
  const newest = new Map<string, number>();
  for (const { keyId, eventAt } of rows) {
    if (!keyId) continue;
    const at = Math.min(now.getTime(), new Date(eventAt).getTime());
    newest.set(keyId, Math.max(newest.get(keyId) ?? 0, at));
  }
  if (newest.size === 0) return;
  const [ids, times] = [[...newest.keys()], [...newest.values()].map((at) => new Date(at))];
  await tx.$executeRaw`
    with free as (
      select id, used.at from client_key join unnest(${ids}::uuid[], ${times}::timestamptz[]) used (id, at) using (id)
      where tenant_id = ${tenantId}::uuid and (last_used_at is null or last_used_at < used.at - make_interval(secs => ${USED_EVERY_S}))
      for no key update of client_key skip locked
    )
    update client_key set last_used_at = free.at from free where client_key.tenant_id = ${tenantId}::uuid and client_key.id = free.id`;
}

/** Makes the stream when it is new and locks it until the transaction ends, so that batches of one spool go one after the other. */
async function lockStream(tx: TenantTx, stream: Stream): Promise<StreamHead> {
  const { tenantId, agentId, spoolId } = stream;
  const { count } = await tx.agentStream.createMany({ data: [{ ...stream, headHash: GENESIS_HASH }], skipDuplicates: true });
  if (count > 0 && (await tx.agentStream.count({ where: { tenantId, agentId } })) > MAX_STREAMS) {
    throw new ServiceError('precondition', `This agent has used ${MAX_STREAMS} spools. Enrol it again.`, {
      reason: 'too_many_spools',
    });
  }
  const [head] = await tx.$queryRaw<{ last_seq: bigint; head_hash: string }[]>`
    select last_seq, head_hash from agent_stream
    where tenant_id = ${tenantId}::uuid and agent_id = ${agentId}::uuid and spool_id = ${spoolId}::uuid
    for update`;
  if (!head) throw new ServiceError('unavailable', 'The stream cannot be read. Send the batch again.');
  return { lastSeq: Number(head.last_seq), headHash: head.head_hash };
}

/** Two of one id cannot be received in one moment: the agent is told to send them one by one. */
function requireDistinctIds(receipts: readonly WrittenReceipt[]): void {
  if (new Set(receipts.map(({ id }) => id.toLowerCase())).size === receipts.length) return;
  throw new ServiceError('invalid', 'Two receipts of the batch have one id. Send one at a time.', { reason: 'malformed' });
}

/** Throws what tells the agent that this receipt will never be taken, so that it does not send it for ever. */
function requireStorable(row: Prisma.ReceiptCreateManyInput): void {
  const unstorable = findUnstorable(row);
  if (!unstorable) return;
  const { path, problem } = unstorable;
  throw new ServiceError('invalid', `Receipt ${row.seq} can never be stored: ${path} ${problem}.`, { reason: 'malformed' });
}

function toStoredRow(
  receipt: WrittenReceipt,
  origin: { tenantId: string; agentId: string; siteId: string; receivedAt: Date },
): Prisma.ReceiptCreateManyInput {
  const written = toStoredDocument(receipt);
  const document = readReceipt(written);
  return {
    ...origin,
    id: document.id,
    spoolId: document.spoolId,
    seq: document.seq,
    eventAt: new Date(document.eventAt),
    personId: document.personId,
    keyId: document.keyId,
    sessionId: document.sessionId,
    clientName: document.clientName,
    clientVersion: document.clientVersion,
    profileId: document.profileId,
    profileVersion: document.profileVersion,
    serverId: document.serverId,
    method: document.method,
    name: document.name === null ? null : toIndexedName(document.name),
    advertisedName: document.advertisedName === null ? null : toIndexedName(document.advertisedName),
    nameFingerprint: document.nameFingerprint,
    risk: document.risk,
    outcome: document.outcome,
    reasonCode: document.reasonCode,
    configVersion: document.configVersion,
    durationMs: document.durationMs,
    upstreamMs: document.upstreamMs,
    document: written,
    prevHash: document.prevHash,
    hash: document.hash,
  };
}
