import type { Logger } from 'pino';

import type { AgentMessage } from '@gatehouse/protocol/messages';

import type { Shipper } from '../audit/shipper.ts';
import type { ConfigApplier } from '../config/apply.ts';
import type { DiscoveryTasks } from './discovery-tasks.ts';
import type { ReadyMessage } from './hub-link.ts';

export interface DispatchDeps {
  applier: ConfigApplier;
  shipper: Shipper;
  discoveries: DiscoveryTasks;
  send: (message: AgentMessage) => boolean;
  log: Logger;
}

/** Brings one message of the hub to whom it concerns. A push is answered before the next message is read. */
export async function dispatch(deps: DispatchDeps, message: ReadyMessage): Promise<void> {
  const { applier, shipper, discoveries, send, log } = deps;
  switch (message.type) {
    case 'config-push':
      send(await applier.apply(message));
      return;
    case 'discovery-request':
      return discoveries.start(message);
    case 'audit-ack':
      return shipper.acknowledged(message);
    case 'heartbeat-ack':
      return;
    case 'rejected':
      log.warn({ of: message.of, code: message.code, reason: message.message }, 'the hub refused a message');
      if (message.of === 'audit-batch') shipper.rejected(message.code);
  }
}
