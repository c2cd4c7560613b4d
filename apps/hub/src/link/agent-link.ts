import type { Logger } from 'pino';

import { decodeAgentFrame, buildRejection, type Frame } from '@gatehouse/protocol/codec';
import type { Feature } from '@gatehouse/protocol/features';
import { CloseCode, type AgentMessage, type HubMessage, type Rejected } from '@gatehouse/protocol/messages';
import { quarantineAgent } from '@gatehouse/services/agent/quarantine-agent';
import { recordDisconnect } from '@gatehouse/services/agent/record-disconnect';
import type { ServiceContext } from '@gatehouse/services/context';
import { redactText } from '@gatehouse/services/redact-text';
import type { Signal } from '@gatehouse/services/signals/signals';

import type { HubMetrics } from '../metrics.ts';
import type { AgentSocket } from './agent-socket.ts';
import type { Proven } from './challenge-peer.ts';
import type { LinkLimits } from './limits.ts';
import { toRejected, endsConnection } from './refusal.ts';
import { TokenBucket } from './token-bucket.ts';

const BYTES_PER_TOKEN = 64 * 1024;

/** What is done for the agent of a link. */
export interface AgentService {
  /** Returns what the agent is refused. */
  handle(message: AgentMessage): Promise<Rejected | null>;
  /** Takes in what changed in the agent's tenant. Never throws. */
  handleSignal(signal: Signal): void;
  /** Begins nothing more by itself; settles when nothing runs. */
  stop(): Promise<void>;
}

/** What a link works with. */
export interface LinkDeps {
  limits: LinkLimits;
  metrics: HubMetrics;
  serve: (link: AgentLink) => AgentService;
}

/**
 * The connection of one proven agent. Messages are handled one after the other, and reading stops meanwhile, so that an agent cannot
 * queue more work than the network holds.
 */
export class AgentLink {
  readonly ctx: ServiceContext;
  readonly agentId: string;
  readonly siteId: string;
  readonly epoch: number;
  readonly features: ReadonlySet<Feature>;
  /** settles when the connection has ended and that is recorded */
  readonly ended: Promise<void>;
  readonly log: Logger;
  readonly #socket: AgentSocket;
  readonly #limits: LinkLimits;
  readonly #metrics: HubMetrics;
  readonly #service: AgentService;
  readonly #bucket: TokenBucket;
  readonly #silence: NodeJS.Timeout;
  #work: Promise<void> = Promise.resolve();
  #waiting = 0;
  #strikes = 0;
  #served = true;

  constructor(socket: AgentSocket, { ctx, welcome, epoch, features }: Proven, { limits, metrics, serve }: LinkDeps) {
    if (ctx.actor.kind !== 'agent') throw new Error('A link belongs to an agent');
    this.#socket = socket;
    this.ctx = ctx;
    this.agentId = ctx.actor.agentId;
    this.siteId = ctx.actor.siteId;
    this.epoch = epoch;
    this.features = features;
    this.#limits = limits;
    this.#metrics = metrics;
    this.log = ctx.runtime.log.child({ tenantId: ctx.tenantId, agentId: this.agentId, epoch });
    this.#bucket = new TokenBucket({ burst: limits.burst, perSecond: limits.tokensPerSecond, now: Date.now() });
    this.#silence = setTimeout(() => socket.terminate(), welcome.heartbeatMs * limits.silentHeartbeats);
    this.#service = serve(this);
    socket.readFrames((frame) => this.#receive(frame));
    socket.watchPings(() => void this.#takeTokens(1));
    this.ended = socket.closed.then((code) => this.#cleanUp(code));
  }

  /** False once it is shut out, replaced, draining or gone: then nothing is read or sent for the agent. */
  get isServed(): boolean {
    return this.#served && this.#socket.isOpen;
  }

  /** True while earlier messages are still waiting to leave. */
  get isBackedUp(): boolean {
    return this.#socket.isBackedUp;
  }

  send(message: HubMessage): void {
    this.#socket.send(message);
  }

  /** Settles when the network has taken the message. */
  sendAndWait(message: HubMessage): Promise<void> {
    return this.#socket.sendAndWait(message);
  }

  /** Tells what became of a message whose handling failed after it was taken in. */
  sendFailure(of: string, error: unknown): void {
    this.#socket.send(toRejected(error, of, this.log));
  }

  /** Takes in what changed in the agent's tenant. */
  handleSignal(signal: Signal): void {
    this.#service.handleSignal(signal);
  }

  /** Ends the connection of an agent that may not have one. */
  shutOut(state: 'revoked' | 'quarantined'): void {
    const text = state === 'revoked' ? 'This agent was revoked.' : 'This agent is quarantined: its key was used twice.';
    this.#end(buildRejection(null, state, text));
  }

  /** Ends the connection of an agent whose tenant has as many here as it may have. The agent comes back by itself. */
  refuseSurplus(): void {
    this.#end(buildRejection(null, 'unavailable', 'Too many agents of this workspace are connected to this hub.'));
  }

  /**
   * A newer connection of this agent was accepted. An agent never has two, so when somebody still answers on this one the key was copied,
   * and both are shut out.
   */
  retire(): void {
    if (!this.#served) return;
    this.#stopServing();
    this.#quarantineIfAlive().catch((error: unknown) => {
      this.log.error({ err: error }, 'it was not found out whether a replaced connection still answers');
      this.#socket.close(CloseCode.replaced);
    });
  }

  /** Tells the agent to reconnect, finishes what was read, then closes. */
  async drain(reconnectWithinMs: number): Promise<void> {
    if (this.#served) this.#socket.send({ type: 'drain', reconnectWithinMs });
    this.#stopServing();
    await this.#work;
    await this.#service.stop();
    this.#socket.close(CloseCode.restarting);
    await this.ended;
  }

  #receive(frame: Frame): void {
    this.#silence.refresh();
    if (!this.#takeTokens(1 + Math.floor(frame.data.byteLength / BYTES_PER_TOKEN))) return;
    this.#waiting += 1;
    this.#socket.pause();
    this.#work = this.#work.then(() => this.#handle(frame));
  }

  /** False, and the connection ends, when the agent sends too much. */
  #takeTokens(count: number): boolean {
    if (this.#bucket.take(count, Date.now())) return true;
    this.#end(buildRejection(null, 'rate_limited', 'Too many messages. Reconnect and send fewer.'));
    return false;
  }

  /** Never rejects. */
  async #handle(frame: Frame): Promise<void> {
    const decoded = decodeAgentFrame(frame);
    const type = decoded.ok ? decoded.message.type : 'unknown';
    const answer = decoded.ok ? await this.#answer(() => this.#service.handle(decoded.message), type) : decoded.answer;
    this.#metrics.countMessage(type, answer?.code ?? 'ok');
    if (answer) this.#refuse(answer);
    this.#silence.refresh();
    this.#waiting -= 1;
    if (this.#waiting === 0 && this.isServed) this.#socket.resume();
  }

  async #answer(handle: () => Promise<Rejected | null>, type: string): Promise<Rejected | null> {
    try {
      return await handle();
    } catch (error) {
      return toRejected(error, type, this.log);
    }
  }

  #refuse(answer: Rejected): void {
    const isStrike = answer.code === 'malformed' || answer.code === 'unexpected' || answer.code === 'too_large';
    if (isStrike) this.#strikes += 1;
    if (endsConnection(answer) || this.#strikes >= this.#limits.maxStrikes) return this.#end(answer);
    this.#socket.send(answer);
  }

  #end(answer: Rejected): void {
    if (!this.#served) return;
    this.#stopServing();
    this.log.warn({ code: answer.code, reason: redactText(answer.message) }, 'connection ended by the hub');
    this.#socket.refuse(answer);
  }

  #stopServing(): void {
    this.#served = false;
    this.#socket.dropFrames();
  }

  async #quarantineIfAlive(): Promise<void> {
    if (!(await this.#socket.isAlive(this.#limits.probeMs))) return this.#socket.close(CloseCode.replaced);
    try {
      await quarantineAgent({ ctx: this.ctx, input: { reason: 'replaced_alive' } });
    } catch (error) {
      this.log.error({ err: error }, 'a replaced connection still answers, but the agent could not be quarantined');
      return this.#socket.close(CloseCode.replaced);
    }
    this.#socket.refuse(buildRejection(null, 'quarantined', 'Another process connected with the same key. Both are shut out.'));
  }

  async #cleanUp(code: number): Promise<void> {
    this.#stopServing();
    clearTimeout(this.#silence);
    await this.#work;
    await this.#service.stop();
    this.log.info({ code }, 'agent disconnected');
    try {
      await recordDisconnect({ ctx: this.ctx, input: { epoch: this.epoch } });
    } catch (error) {
      this.log.error({ err: error }, 'end of the connection could not be recorded');
    }
  }
}
