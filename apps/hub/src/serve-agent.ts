import { buildRejection } from '@gatehouse/protocol/codec';
import type { AgentMessage, Rejected } from '@gatehouse/protocol/messages';
import { recordHeartbeat } from '@gatehouse/services/agent/record-heartbeat';
import { recordObservation } from '@gatehouse/services/discovery/record-observation';
import { recordProgress } from '@gatehouse/services/discovery/record-progress';
import { recordResult } from '@gatehouse/services/discovery/record-result';
import { ingestReceipts } from '@gatehouse/services/receipt/ingest-receipts';
import { redactText } from '@gatehouse/services/redact-text';

import type { AgentLink, AgentService } from './link/agent-link.ts';
import type { HubMetrics } from './metrics.ts';
import { AgentPush, type PushLimits } from './push/agent-push.ts';

interface ServeDeps {
  limits: PushLimits;
  metrics: HubMetrics;
}

/** Does for a connected agent all that the hub does: takes in its messages and pushes to it what is new. */
export function serveAgent(link: AgentLink, { limits, metrics }: ServeDeps): AgentService {
  const push = new AgentPush(link, limits);
  return {
    handle: (message) => handleMessage({ link, push, metrics }, message),
    handleSignal: (signal) => push.handleSignal(signal),
    stop: () => push.stop(),
  };
}

/**
 * Hands one message to its verb. Whose it is comes from the link, never from the message. Returns what the agent is refused; throws what
 * the verb throws.
 */
async function handleMessage(
  { link, push, metrics }: { link: AgentLink; push: AgentPush; metrics: HubMetrics },
  message: AgentMessage,
): Promise<Rejected | null> {
  const { ctx } = link;
  switch (message.type) {
    case 'config-status':
      await push.recordStatus(message);
      return null;
    case 'part-request':
      return push.sendParts(message);
    case 'keyset-status':
      await push.recordKeyset(message);
      return null;
    case 'revocations-status':
      await push.recordRevocations(message);
      return null;
    case 'revocations-back':
      await push.forwardRevocations(message);
      return null;
    case 'heartbeat': {
      const { type: _, ...input } = message;
      await recordHeartbeat({ ctx, input });
      link.send({ type: 'heartbeat-ack', serverTime: ctx.runtime.now().toISOString() });
      return null;
    }
    case 'audit-batch': {
      const { spoolId, receipts } = message;
      // acknowledged after the commit, never before: the agent then forgets them
      const { throughSeq, headHash } = await ingestReceipts({ ctx, input: { spoolId, receipts } });
      metrics.countReceipts(receipts.length);
      link.send({ type: 'audit-ack', spoolId, throughSeq, headHash });
      return null;
    }
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
    case 'definitions-observed': {
      const { type, ...input } = message;
      if (!link.features.has('observations'))
        return buildRejection(type, 'unexpected', 'This connection does not have the feature "observations".');
      await recordObservation({ ctx, input });
      link.send({ type: 'definitions-noted', serverId: input.serverId });
      return null;
    }
    case 'rejected':
      logRefusal(link, message);
      if (message.of === 'config-push' || message.of === 'manifest-push') push.recordUnreadable();
      return null;
    case 'authenticate':
      return buildRejection(message.type, 'unexpected', 'This connection is authenticated already.');
  }
}

function logRefusal({ log }: AgentLink, { of, code, message }: Rejected): void {
  log.warn({ of: of && redactText(of), code, reason: redactText(message) }, 'agent refused a message');
}
