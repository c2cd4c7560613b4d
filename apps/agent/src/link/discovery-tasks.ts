import type { Logger } from 'pino';

import type { DiscoveryOrder, SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import {
  MAX_AGENT_FRAME_BYTES,
  type AgentMessage,
  type DiscoveryOutcome,
  type DiscoveryRequest,
  type DiscoveryStep,
  type Offer,
} from '@gatehouse/protocol/messages';

import type { DiscoveryOrders } from '../config/discovery-order.ts';

/** A result must fit one frame of the link. */
const MAX_RESULT_BYTES = MAX_AGENT_FRAME_BYTES - 10_000;
const KEPT_OUTCOMES = 20;
/** Discoveries under way at a time. Far more than people start, and few enough that whoever signs orders cannot use up the agent with them. */
const MOST_AT_A_TIME = 100;

/** Reads what a server offers; rejects only with a defect. */
export type RunDiscovery = (
  server: SnapshotServer,
  control: { onProgress(step: DiscoveryStep & { inOneText?: string | undefined }): void; signal: AbortSignal },
) => Promise<DiscoveryOutcome>;

/** Where progress and results go. */
interface Sender {
  canUse(feature: 'left-out'): boolean;
  /** false when there is no connection just then */
  send(message: AgentMessage): boolean;
}

export interface DiscoveryTasksOptions {
  orders: DiscoveryOrders;
  run: RunDiscovery;
  /** told of every order before it is carried out */
  onOrder: (order: DiscoveryOrder) => void;
  now: () => Date;
  log: Logger;
}

/** Discoveries under way, beside the connection's own messages. */
export class DiscoveryTasks {
  readonly #options: DiscoveryTasksOptions;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  /** of the last orders, for when the hub asks again because a result got lost */
  readonly #outcomes = new Map<string, DiscoveryOutcome>();

  constructor(options: DiscoveryTasksOptions) {
    this.#options = options;
  }

  /** Carries out an order and reports to the hub, over whatever connection there is by then. */
  start(request: DiscoveryRequest, hub: Sender): void {
    const task = this.#execute(request, hub);
    this.#running.add(task);
    void task.finally(() => this.#running.delete(task));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  /** Never rejects: whatever happens, the order gets its result. */
  async #execute({ discoveryId, envelope }: DiscoveryRequest, hub: Sender): Promise<void> {
    const opened = this.#options.orders.open(envelope, discoveryId, this.#options.now().getTime());
    if (!opened.ok) return this.#report(hub, discoveryId, { status: 'failed', code: opened.code, message: opened.message });
    this.#options.onOrder(opened.order);
    const known = this.#outcomes.get(discoveryId);
    if (opened.repeated) return known && this.#report(hub, discoveryId, known);

    if (this.#running.size >= MOST_AT_A_TIME) {
      const message = `This agent is looking at ${MOST_AT_A_TIME} servers already. Start the discovery again in a minute.`;
      return this.#report(hub, discoveryId, { status: 'failed', code: 'internal', message });
    }
    const outcome = limitToFrame(await this.#run(opened.order, hub));
    this.#outcomes.set(discoveryId, outcome);
    const [oldest] = this.#outcomes.keys();
    if (this.#outcomes.size > KEPT_OUTCOMES && oldest !== undefined) this.#outcomes.delete(oldest);
    this.#report(hub, discoveryId, outcome);
  }

  #run(order: DiscoveryOrder, hub: Sender): Promise<DiscoveryOutcome> {
    const { run, now, log } = this.#options;
    const { discoveryId } = order;
    const onProgress: Parameters<RunDiscovery>[1]['onProgress'] = ({ inOneText, ...step }) => {
      const detail = hub.canUse('left-out') ? step.detail : (inOneText ?? step.detail);
      hub.send({ type: 'discovery-progress', discoveryId, at: now().toISOString(), ...step, detail });
    };
    return run(order.server, { onProgress, signal: this.#stop.signal }).catch((error: unknown): DiscoveryOutcome => {
      log.error({ err: error, discoveryId }, 'a discovery failed');
      return { status: 'failed', code: 'internal', message: 'The agent failed to carry it out; see its log.' };
    });
  }

  #report(hub: Sender, discoveryId: string, outcome: DiscoveryOutcome): void {
    const { log } = this.#options;
    if (outcome.status === 'failed') log.warn({ discoveryId, code: outcome.code, reason: outcome.message }, 'discovery failed');
    const told = outcome.status === 'succeeded' ? tellOffer(outcome, hub) : outcome;
    if (!hub.send({ type: 'discovery-result', discoveryId, outcome: told }))
      log.info({ discoveryId }, 'no connection: the hub will ask again');
  }
}

/** What is offered, as this hub can read it. */
export function tellOffer<T extends Pick<Offer, 'leftOut'>>(offer: T, hub: Pick<Sender, 'canUse'>): T {
  return hub.canUse('left-out') ? offer : { ...offer, leftOut: undefined };
}

/**
 * An outcome that can be sent: where not all fits into a frame, what was left out is only counted; one whose definitions alone are too large becomes a
 * failure.
 */
export function limitToFrame(outcome: DiscoveryOutcome): DiscoveryOutcome {
  const leftOut = outcome.status === 'succeeded' ? outcome.leftOut : undefined;
  // texts are redacted when they are sent, by which they may become three times as long
  if (countBytes(outcome) + 2 * countBytes(leftOut ?? null) <= MAX_RESULT_BYTES) return outcome;
  if (outcome.status === 'succeeded' && leftOut && leftOut.parts.length > 0)
    return limitToFrame({ ...outcome, leftOut: { parts: [], more: leftOut.parts.length + leftOut.more } });
  return {
    status: 'failed',
    code: 'too_large',
    message: 'The definitions of this server are too large to be reviewed together.',
  };
}

function countBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
