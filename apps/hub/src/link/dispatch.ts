import { reject } from '@gatehouse/protocol/codec';
import type { AgentMessage } from '@gatehouse/protocol/messages';
import { recordHeartbeat } from '@gatehouse/services/agent/record-heartbeat';
import { recordProgress } from '@gatehouse/services/discovery/record-progress';
import { recordResult } from '@gatehouse/services/discovery/record-result';

import { ingestBatch } from '../ingest/audit-batch.ts';
import { recordAck } from '../push/record-ack.ts';
import type { AgentLink } from './agent-link.ts';
import type { Answer } from './refusal.ts';

/**
 * Hands one message to its verb. Whose it is comes from the link, never from the message. Returns what the agent is refused; throws what
 * the verb throws.
 */
export async function handleMessage(link: AgentLink, message: AgentMessage): Promise<Answer | null> {
  const { ctx } = link;
  switch (message.type) {
    case 'config-status':
      await recordAck(link, message);
      return null;
    case 'heartbeat': {
      const { type: _, ...input } = message;
      await recordHeartbeat({ ctx, input });
      link.socket.send({ type: 'heartbeat-ack', serverTime: ctx.runtime.now().toISOString() });
      return null;
    }
    case 'audit-batch':
      await ingestBatch(link, message);
      return null;
    case 'discovery-progress': {
      const { type: _, ...input } = message;
      await recordProgress({ ctx, input });
      return null;
    }
    case 'discovery-result': {
      const { type: _, ...input } = message;
      await recordResult({ ctx, input });
      return null;
    }
    case 'rejected':
      link.log.warn({ of: message.of, code: message.code, reason: message.message }, 'agent refused a message');
      if (message.of === 'config-push') link.config.unreadable();
      return null;
    case 'authenticate':
      return reject(message.type, 'unexpected', 'This connection is authenticated already.');
  }
}
