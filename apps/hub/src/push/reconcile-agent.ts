import { randomBytes } from 'node:crypto';

import { checkStanding } from '@gatehouse/services/agent/check-standing';
import { pendingDiscoveries } from '@gatehouse/services/discovery/pending-discoveries';
import { desiredConfig } from '@gatehouse/services/snapshot/desired-config';

import type { AgentLink } from '../link/agent-link.ts';
import type { Concern } from './loop.ts';

/**
 * Brings one connected agent to what Postgres says it should be: shut out, replaced, on the newest configuration, asked for discoveries.
 * The same function runs on connect, on a signal and on a timer.
 */
export async function reconcileAgent(link: AgentLink, due: ReadonlySet<Concern>): Promise<void> {
  if (due.has('standing') && !(await isToBeServed(link))) return;
  if (due.has('config')) await pushConfig(link);
  if (due.has('discovery')) await pushDiscoveries(link);
}

async function isToBeServed(link: AgentLink): Promise<boolean> {
  const { state, epoch } = await checkStanding({ ctx: link.ctx });
  if (state !== 'active') {
    link.shutOut(state);
    return false;
  }
  if (epoch <= link.epoch) return true;
  link.retire();
  return false;
}

/** The newest only, and one at a time: what came in between is skipped. */
async function pushConfig(link: AgentLink): Promise<void> {
  const floor = link.config.floor(Date.now(), link.limits.pushAnswerMs);
  if (floor === null || link.socket.isBackedUp) return;
  const desired = await desiredConfig({ ctx: link.ctx, input: { newerThan: floor } });
  if (!desired || !link.isServed) return;
  const nonce = randomBytes(18).toString('base64url');
  link.config.pushed({ nonce, version: desired.version }, Date.now());
  link.socket.send({ type: 'config-push', nonce, ...desired });
}

/** Each order once per connection; an agent knows those that it has seen before. */
async function pushDiscoveries(link: AgentLink): Promise<void> {
  if (!link.hasSpoken) return;
  for (const order of await pendingDiscoveries({ ctx: link.ctx })) {
    if (!link.isServed || link.ordered.has(order.discoveryId)) continue;
    link.ordered.add(order.discoveryId);
    link.socket.send({ type: 'discovery-request', ...order });
  }
}
