import { decodeAgentFrame, reject, type Frame } from '@gatehouse/protocol/codec';
import { CloseCode, type AgentMessage } from '@gatehouse/protocol/messages';
import { quarantineAgent } from '@gatehouse/services/agent/quarantine-agent';
import { recordDisconnect } from '@gatehouse/services/agent/record-disconnect';
import type { ServiceContext } from '@gatehouse/services/context';
import type { Logger } from 'pino';

import type { HubMetrics } from '../metrics.ts';
import { ConfigState } from '../push/config-state.ts';
import { ALL_CONCERNS, createLoop, type Concern, type Loop } from '../push/loop.ts';
import type { AgentSocket } from './agent-socket.ts';
import type { Proven } from './handshake.ts';
import type { LinkLimits } from './limits.ts';
import { answerTo, endsConnection, type Answer } from './refusal.ts';
import { TokenBucket } from './token-bucket.ts';

const BYTES_PER_TOKEN = 64 * 1024;

/** What a link works with. */
export interface LinkDeps {
  limits: LinkLimits;
  metrics: HubMetrics;
  /** Returns what the agent is refused. */
  handle(link: AgentLink, message: AgentMessage): Promise<Answer | null>;
  reconcile(link: AgentLink, due: ReadonlySet<Concern>): Promise<void>;
}

/**
 * The connection of one proven agent. Messages are handled one after the other, and reading stops meanwhile, so that an agent cannot
 * queue more work than the network holds.
 */
export class AgentLink {
  readonly socket: AgentSocket;
  readonly ctx: ServiceContext;
  readonly agentId: string;
  readonly siteId: string;
  readonly epoch: number;
  readonly limits: LinkLimits;
  readonly config = new ConfigState();
  /** ids of the discovery orders that were sent on this connection */
  readonly ordered = new Set<string>();
  /** the agent has said what it serves, so it can be told more */
  hasSpoken = false;
  /** settles when the connection has ended and that is recorded */
  readonly ended: Promise<void>;
  readonly loop: Loop;
  readonly log: Logger;
  readonly metrics: HubMetrics;
  readonly #deps: LinkDeps;
  readonly #bucket: TokenBucket;
  readonly #silence: NodeJS.Timeout;
  #nextLook: NodeJS.Timeout | null = null;
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #strikes = 0;
  #served = true;

  constructor(socket: AgentSocket, { ctx, welcome, epoch }: Proven, deps: LinkDeps) {
    if (ctx.actor.kind !== 'agent') throw new Error('A link belongs to an agent');
    const { limits, metrics } = deps;
    this.socket = socket;
    this.ctx = ctx;
    this.agentId = ctx.actor.agentId;
    this.siteId = ctx.actor.siteId;
    this.epoch = epoch;
    this.limits = limits;
    this.metrics = metrics;
    this.#deps = deps;
    this.log = ctx.runtime.log.child({ tenantId: ctx.tenantId, agentId: this.agentId, epoch });
    this.#bucket = new TokenBucket({ burst: limits.burst, perSecond: limits.tokensPerSecond, now: Date.now() });
    this.#silence = setTimeout(() => socket.terminate(), welcome.heartbeatMs * limits.silentHeartbeats);
    this.loop = createLoop(
      (due) => (this.#served ? deps.reconcile(this, due) : Promise.resolve()),
      (error) => this.log.error({ err: error }, 'agent could not be reconciled; the timer tries again'),
    );
    this.#armTimer();
    socket.onFrame = (frame) => this.#receive(frame);
    this.ended = socket.closed.then((code) => this.#cleanUp(code));
  }

  /** False once it is shut out, replaced, draining or gone: then nothing is read or sent for the agent. */
  get isServed(): boolean {
    return this.#served && this.socket.isOpen;
  }

  /** The first status after the welcome, or a later one: the agent may be sent what is newer. */
  heardConfig(status: { nonce: string | null; appliedVersion: number; rejectedVersion: number | null }): void {
    this.hasSpoken = true;
    this.config.heard(status);
  }

  /** Ends the connection of an agent that may not have one. */
  shutOut(state: 'revoked' | 'quarantined'): void {
    const text = state === 'revoked' ? 'This agent was revoked.' : 'This agent is quarantined: its key was used twice.';
    this.#end(reject(null, state, text));
  }

  /**
   * A newer connection of this agent was accepted. An agent never has two, so when somebody still answers on this one the key was copied,
   * and both are shut out.
   */
  retire(): void {
    if (!this.#served) return;
    this.#stopServing();
    this.#proveCopy().catch((error: unknown) => {
      this.log.error({ err: error }, 'replaced connection could not be judged');
      this.socket.close(CloseCode.replaced);
    });
  }

  /** Tells the agent to reconnect, finishes what was read, then closes. */
  async drain(reconnectWithinMs: number): Promise<void> {
    if (this.#served) this.socket.send({ type: 'drain', reconnectWithinMs });
    this.#stopServing();
    await this.#work;
    await this.loop.idle();
    this.socket.close(CloseCode.restarting);
    await this.ended;
  }

  #receive(frame: Frame): void {
    this.#silence.refresh();
    const cost = 1 + Math.floor(frame.data.byteLength / BYTES_PER_TOKEN);
    if (!this.#bucket.take(cost, Date.now())) {
      return this.#end(reject(null, 'rate_limited', 'Too many messages. Reconnect and send fewer.'));
    }
    this.#waiting += 1;
    this.socket.pause();
    this.#work = this.#work.then(() => this.#handle(frame));
  }

  /** Never rejects. */
  async #handle(frame: Frame): Promise<void> {
    const decoded = decodeAgentFrame(frame);
    const type = decoded.ok ? decoded.message.type : 'unknown';
    const answer = decoded.ok ? await this.#answer(() => this.#deps.handle(this, decoded.message), type) : decoded.answer;
    this.metrics.message(type, answer?.code ?? 'ok');
    if (answer) this.#refuse(answer);
    this.#silence.refresh();
    this.#waiting -= 1;
    if (this.#waiting === 0 && this.isServed) this.socket.resume();
  }

  async #answer(handle: () => Promise<Answer | null>, type: string): Promise<Answer | null> {
    try {
      return await handle();
    } catch (error) {
      return answerTo(error, type, this.log);
    }
  }

  #refuse(answer: Answer): void {
    const isStrike = answer.code === 'malformed' || answer.code === 'unexpected' || answer.code === 'too_large';
    if (isStrike) this.#strikes += 1;
    if (endsConnection(answer) || this.#strikes >= this.limits.maxStrikes) return this.#end(answer);
    this.socket.send(answer);
  }

  #end(answer: Answer): void {
    if (!this.#served) return;
    this.#stopServing();
    this.log.warn({ code: answer.code, reason: answer.message }, 'connection ended by the hub');
    this.socket.refuse(answer);
  }

  #stopServing(): void {
    this.#served = false;
    this.socket.onFrame = () => {};
  }

  async #proveCopy(): Promise<void> {
    if (!(await this.socket.isAlive(this.limits.probeMs))) return this.socket.close(CloseCode.replaced);
    await quarantineAgent({ ctx: this.ctx, input: { reason: 'replaced_alive' } });
    this.socket.refuse(reject(null, 'quarantined', 'Another process connected with the same key. Both are shut out.'));
  }

  #armTimer(): void {
    const pauseMs = this.limits.reconcileMs * (0.75 + Math.random() / 2);
    this.#nextLook = setTimeout(() => {
      this.loop.wake(ALL_CONCERNS);
      this.#armTimer();
    }, pauseMs);
  }

  async #cleanUp(code: number): Promise<void> {
    this.#stopServing();
    clearTimeout(this.#silence);
    if (this.#nextLook) clearTimeout(this.#nextLook);
    await this.#work;
    await this.loop.idle();
    this.log.info({ code }, 'agent disconnected');
    try {
      await recordDisconnect({ ctx: this.ctx, input: { epoch: this.epoch } });
    } catch (error) {
      this.log.error({ err: error }, 'end of the connection could not be recorded');
    }
  }
}
