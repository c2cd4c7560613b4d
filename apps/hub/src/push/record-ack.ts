import type { ConfigStatus } from '@gatehouse/protocol/messages';
import { recordConfigStatus } from '@gatehouse/services/agent/record-config-status';
import type { z } from 'zod';

import type { AgentLink } from '../link/agent-link.ts';
import { ALL_CONCERNS } from './loop.ts';

/**
 * Takes in what the agent serves or refuses, then looks for something newer. Its word is taken for what to push even when Postgres does
 * not know the version (a control plane restored from a backup): only something newer than that is of use to it.
 */
export async function recordAck(link: AgentLink, message: z.infer<typeof ConfigStatus>): Promise<void> {
  const { type: _, nonce, ...input } = message;
  const isFirst = !link.hasSpoken;
  link.heardConfig(message);
  link.loop.wake(isFirst ? ALL_CONCERNS : ['config']);
  await recordConfigStatus({ ctx: link.ctx, input });
  link.log.info(
    { version: input.appliedVersion, rejected: input.rejectedVersion, answer: nonce !== null },
    'configuration status',
  );
}
