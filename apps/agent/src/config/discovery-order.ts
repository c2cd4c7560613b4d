import { DiscoveryOrder } from '@gatehouse/policy/documents/snapshot';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { DiscoveryErrorCode } from '@gatehouse/protocol/messages';

import { describeIssues, openEnvelope, type Trust } from './trust.ts';

/** Room for a clock that is a little off: an order lives 60 s. */
const CLOCK_TOLERANCE_MS = 60_000;

/** `repeated`: this very order was opened before; it comes again when the hub has no result of it. */
export type OpenedOrder =
  | { ok: true; order: DiscoveryOrder; repeated: boolean }
  | { ok: false; code: DiscoveryErrorCode; message: string };

/** Opens orders and knows which ones it has opened before, as long as they live. */
export class DiscoveryOrders {
  readonly #trust: Trust;
  /** end of life by nonce */
  readonly #seen = new Map<string, number>();

  constructor(trust: Trust) {
    this.#trust = trust;
  }

  /** The order when it is signed, for this very agent and still alive. `now`: milliseconds. */
  open(envelope: SignedEnvelope, discoveryId: string, now: number): OpenedOrder {
    const opened = openEnvelope(this.#trust.keys, envelope, 'application/vnd.gatehouse.discovery+json');
    if (!opened.ok) return refuse('bad_signature', opened.message);
    const parsed = DiscoveryOrder.safeParse(opened.value);
    if (!parsed.success) return refuse('internal', `The order cannot be read: ${describeIssues(parsed.error)}`);
    const order = parsed.data;
    const { tenantId, siteId, agentId } = this.#trust;
    if (
      order.tenantId !== tenantId ||
      order.siteId !== siteId ||
      order.agentId !== agentId ||
      order.discoveryId !== discoveryId
    ) {
      return refuse('bad_signature', 'The order is for another agent.');
    }
    const endsAt = Date.parse(order.notAfter) + CLOCK_TOLERANCE_MS;
    if (now > endsAt || now < Date.parse(order.issuedAt) - CLOCK_TOLERANCE_MS) {
      return refuse(
        'expired',
        "The order is not valid at this time. Start the discovery again; if that repeats, check this agent's clock.",
      );
    }
    for (const [nonce, end] of this.#seen) if (end < now) this.#seen.delete(nonce);
    const repeated = this.#seen.has(order.nonce);
    this.#seen.set(order.nonce, endsAt);
    return { ok: true, order, repeated };
  }
}

function refuse(code: DiscoveryErrorCode, message: string): OpenedOrder {
  return { ok: false, code, message };
}
