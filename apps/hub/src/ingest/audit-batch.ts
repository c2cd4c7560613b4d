import type { AuditBatch } from '@gatehouse/protocol/messages';
import { ingestReceipts } from '@gatehouse/services/receipt/ingest-receipts';
import type { z } from 'zod';

import type { AgentLink } from '../link/agent-link.ts';

/** Takes in receipts under the identity of the link and acknowledges them after the commit, never before. */
export async function ingestBatch(link: AgentLink, { spoolId, receipts }: z.infer<typeof AuditBatch>): Promise<void> {
  const { throughSeq, headHash } = await ingestReceipts({ ctx: link.ctx, input: { spoolId, receipts } });
  link.metrics.receipts(receipts.length);
  link.socket.send({ type: 'audit-ack', spoolId, throughSeq, headHash });
}
