import type { Logger } from 'pino';

import type { DiscoveryOrder } from '@gatehouse/policy/documents/snapshot';
import {
  MAX_AGENT_FRAME_BYTES,
  type AgentMessage,
  type DiscoveryProgress,
  type DiscoveryRequest,
  type DiscoveryResult,
} from '@gatehouse/protocol/messages';

import type { DiscoveryOrders } from '../config/discovery-order.ts';

/** A result must fit one frame of the link. */
const MAX_RESULT_BYTES = MAX_AGENT_FRAME_BYTES - 10_000;
const KEPT_OUTCOMES = 20;

type Outcome = DiscoveryResult['outcome'];
export type DiscoveryStep = Pick<DiscoveryProgress, 'stage' | 'status' | 'detail'>;

export interface DiscoveryTasksOptions {
  orders: DiscoveryOrders;
  run: (order: DiscoveryOrder, control: { onProgress(step: DiscoveryStep): void; signal: AbortSignal }) => Promise<Outcome>;
  send: (message: AgentMessage) => boolean;
  now: () => Date;
  log: Logger;
}

/** Discoveries under way, beside the connection's own messages. */
export class DiscoveryTasks {
  readonly #options: DiscoveryTasksOptions;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<void>>();
  /** of the last orders, for when the hub asks again because a result got lost */
  readonly #outcomes = new Map<string, Outcome>();

  constructor(options: DiscoveryTasksOptions) {
    this.#options = options;
  }

  start(request: DiscoveryRequest): void {
    const task = this.#carryOut(request);
    this.#running.add(task);
    void task.finally(() => this.#running.delete(task));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  /** Never rejects: whatever happens, the order gets its result. */
  async #carryOut({ discoveryId, envelope }: DiscoveryRequest): Promise<void> {
    const opened = this.#options.orders.open(envelope, discoveryId, this.#options.now().getTime());
    if (!opened.ok) return this.#report(discoveryId, { status: 'failed', code: opened.code, message: opened.message });
    const known = this.#outcomes.get(discoveryId);
    if (opened.repeated) return known && this.#report(discoveryId, known);

    const outcome = withinFrame(await this.#run(opened.order));
    this.#outcomes.set(discoveryId, outcome);
    const [oldest] = this.#outcomes.keys();
    if (this.#outcomes.size > KEPT_OUTCOMES && oldest !== undefined) this.#outcomes.delete(oldest);
    this.#report(discoveryId, outcome);
  }

  #run(order: DiscoveryOrder): Promise<Outcome> {
    const { run, send, now, log } = this.#options;
    const { discoveryId } = order;
    const onProgress = (step: DiscoveryStep) =>
      void send({ type: 'discovery-progress', discoveryId, at: now().toISOString(), ...step });
    return run(order, { onProgress, signal: this.#stop.signal }).catch((error: unknown): Outcome => {
      log.error({ err: error, discoveryId }, 'a discovery failed');
      return { status: 'failed', code: 'internal', message: 'The agent failed to carry it out; see its log.' };
    });
  }

  #report(discoveryId: string, outcome: Outcome): void {
    const { send, log } = this.#options;
    if (outcome.status === 'failed') log.warn({ discoveryId, code: outcome.code, reason: outcome.message }, 'discovery failed');
    if (!send({ type: 'discovery-result', discoveryId, outcome }))
      log.info({ discoveryId }, 'no connection: the hub will ask again');
  }
}

function withinFrame(outcome: Outcome): Outcome {
  if (Buffer.byteLength(JSON.stringify(outcome)) <= MAX_RESULT_BYTES) return outcome;
  return {
    status: 'failed',
    code: 'too_large',
    message: 'The definitions of this server are too large to be reviewed together.',
  };
}
