import type http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { Logger } from 'pino';

import { decodeHubFrame, buildRejection, type Frame } from '@gatehouse/protocol/codec';
import {
  negotiateFeatures,
  AGENT_FEATURES,
  EARLIEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  type Feature,
} from '@gatehouse/protocol/features';
import type {
  AgentMessage,
  Challenge,
  Heartbeat as HeartbeatMessage,
  HubMessage,
  LinkErrorCode,
  Rejected,
  Welcome,
} from '@gatehouse/protocol/messages';

import type { Identity } from '../state/identity.ts';
import { StateDirError } from '../state/state-dir.ts';
import type { AgentFacts } from './agent-facts.ts';
import { answerChallenge } from './answer-challenge.ts';
import { CleanFrame, type CleanWriter } from './clean-frame.ts';
import { Heartbeat } from './heartbeat.ts';
import { openHubAgent, parseHubUrl, type HubNetwork } from './hub-network.ts';
import { HubSocket } from './hub-socket.ts';
import { explainEnd, isLastingRefusal } from './link-end.ts';
import { LinkStatus, type LinkState } from './link-status.ts';
import { ReconnectDelay, RECONNECT, type LinkEnd, type ReconnectTimings } from './reconnect-delay.ts';

/** What is handed on once the handshake is done. */
export type ReadyMessage = Exclude<HubMessage, { type: 'challenge' | 'welcome' | 'drain' }>;

export interface LinkTimings extends ReconnectTimings {
  /** from dialling to welcome */
  handshakeMs: number;
  /** a draining hub that has not closed by then is left */
  drainMs: number;
  /** between heartbeats, whatever the hub asks for: it can neither keep an agent busy with them nor stay silent unnoticed */
  beatMs: { least: number; most: number };
}
export const LINK_TIMINGS: LinkTimings = {
  ...RECONNECT,
  handshakeMs: 15_000,
  drainMs: 10_000,
  beatMs: { least: 1_000, most: 120_000 },
};

/** What happens on a link; each is told which link it is. */
export interface LinkEvents {
  onWelcome(welcome: Welcome, link: HubLink): Promise<void>;
  /** one message at a time, in order */
  onMessage(message: ReadyMessage, link: HubLink): Promise<void>;
  /** after a connection on which there was a welcome */
  onDisconnected(): void;
  /** revoked, quarantined or epoch_reused: this agent may not serve any more; never rejects */
  onRefused(code: LinkErrorCode): Promise<void>;
  /** with every heartbeat */
  onBeat(link: HubLink): void;
}

export interface LinkOptions {
  identity: Identity;
  network: HubNetwork;
  facts: AgentFacts;
  /** how every message is written */
  writer: CleanWriter;
  /** the next epoch, already on disk; rejects with StateDirError */
  takeEpoch: () => Promise<number>;
  /** how this agent is, asked for every heartbeat */
  describe: () => Omit<HeartbeatMessage, 'type' | 'clock'>;
  events: LinkEvents;
  now: () => Date;
  random: () => number;
  timings: LinkTimings;
  log: Logger;
}

/** One connection from dialling to its end. */
interface Session {
  socket: HubSocket;
  awaits: 'challenge' | 'welcome' | 'messages';
  /** what both sides can do; from the challenge on */
  features: ReadonlySet<Feature>;
  heartbeat: Heartbeat | null;
  readyAt: number;
  /** set by a drain, before the socket closes; from then on nothing is sent */
  end: LinkEnd | null;
  drained: NodeJS.Timeout | null;
  refusal: LinkErrorCode | null;
  /** what failed on this side, one line */
  failure: string | null;
}

/**
 * Keeps one connection to the hub. Socket events only fill a queue; this one loop dials, greets, reads, waits and dials again, until it
 * is stopped. Nothing here decides about calls: the agent serves the same with the hub away.
 */
export class HubLink {
  readonly #options: LinkOptions;
  readonly #agent: http.Agent;
  readonly #delay: ReconnectDelay;
  readonly #status: LinkStatus;
  readonly #stop = new AbortController();
  #session: Session | null = null;
  #running: Promise<void> | null = null;

  /** Throws HubAddressError. */
  constructor(options: LinkOptions) {
    this.#options = options;
    this.#agent = openHubAgent(parseHubUrl(options.identity.hub), options.network);
    this.#delay = new ReconnectDelay(options.timings, options.random);
    this.#status = new LinkStatus(options.now);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#session?.socket.close();
    const late = setTimeout(() => this.#session?.socket.cut('stopping'), 1_000);
    await this.#running;
    clearTimeout(late);
    this.#agent.destroy();
    this.#status.enter('stopped', null);
  }

  getState(): LinkState {
    return this.#status.get();
  }

  /** Called after every change of the phase. Returns the unsubscriber. */
  onChange(listener: () => void): () => void {
    return this.#status.onChange(listener);
  }

  /** Whether the hub that is connected can do this, too. */
  canUse(feature: Feature): boolean {
    return this.#session?.features.has(feature) ?? false;
  }

  /** False when there is no connection to send on, or it is being left. */
  send(message: AgentMessage): boolean {
    const session = this.#session;
    if (session?.awaits !== 'messages' || session.end) return false;
    return this.#send(session, message);
  }

  /** Drops the connection; the loop makes a new one. */
  reconnect(reason: string): void {
    this.#options.log.warn({ reason }, 'reconnecting to the hub');
    this.#session?.socket.cut(reason);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const { end, connectedMs } = await this.#connectOnce();
      if (signal.aborted) return;
      const waitMs = this.#delay.takeDelay(end, connectedMs);
      this.#options.log.info({ waitMs: Math.round(waitMs), error: this.#status.get().error }, 'not connected to the hub');
      await delay(waitMs, undefined, { signal }).catch(ignoreAbort);
    }
  }

  async #connectOnce(): Promise<{ end: LinkEnd; connectedMs: number }> {
    const { identity, timings, log, events } = this.#options;
    this.#status.enter('connecting', this.#status.get().error);
    const socket = new HubSocket(identity.hub, this.#agent);
    const session: Session = {
      socket,
      awaits: 'challenge',
      features: new Set(),
      heartbeat: null,
      readyAt: 0,
      end: null,
      drained: null,
      refusal: null,
      failure: null,
    };
    this.#session = session;
    const deadline = setTimeout(() => socket.cut('no welcome in time'), timings.handshakeMs);
    try {
      for (let frame = await socket.readFrame(); frame; frame = await socket.readFrame()) {
        session.heartbeat?.touch();
        await this.#receive(session, frame);
        if (session.awaits === 'messages') clearTimeout(deadline);
      }
    } catch (error) {
      log.error({ err: error }, 'the connection to the hub failed on this side');
      session.failure = error instanceof StateDirError ? error.message : 'The agent failed on this side; see its log.';
      socket.cut('failed on this side');
    } finally {
      clearTimeout(deadline);
      if (session.drained) clearTimeout(session.drained);
      session.heartbeat?.stop();
      this.#session = null;
      if (session.awaits === 'messages') events.onDisconnected();
    }
    return this.#conclude(session);
  }

  async #conclude({ socket, readyAt, end, refusal, failure }: Session): Promise<{ end: LinkEnd; connectedMs: number }> {
    const explained = explainEnd(socket.getEnd() ?? { code: 1006, error: null }, refusal);
    this.#status.enter('waiting', failure ?? explained.message);
    if (explained.refusal && isLastingRefusal(explained.refusal)) await this.#options.events.onRefused(explained.refusal);
    return { end: end ?? explained.end, connectedMs: readyAt === 0 ? 0 : performance.now() - readyAt };
  }

  async #receive(session: Session, frame: Frame): Promise<void> {
    const decoded = decodeHubFrame(frame);
    if (!decoded.ok) return this.#refuse(session, decoded.answer);
    const { message } = decoded;
    if (message.type === 'rejected' && (session.awaits !== 'messages' || isLastingRefusal(message.code))) {
      session.refusal = message.code;
      if (isLastingRefusal(message.code)) session.socket.cut('refused by the hub');
    } else if (message.type === 'challenge' && session.awaits === 'challenge') {
      await this.#onChallenge(session, message);
    } else if (message.type === 'welcome' && session.awaits === 'welcome' && message.agentId === this.#options.identity.agentId) {
      await this.#onWelcome(session, message);
    } else if (message.type === 'drain') {
      session.end ??= { kind: 'restarting', withinMs: message.reconnectWithinMs };
      session.drained ??= setTimeout(() => session.socket.close(), this.#options.timings.drainMs);
    } else if (session.awaits === 'messages' && message.type !== 'challenge' && message.type !== 'welcome') {
      if (message.type === 'heartbeat-ack') this.#status.noteTime(message.serverTime);
      await this.#options.events.onMessage(message, this);
    } else {
      this.#refuse(session, buildRejection(message.type, 'unexpected', `A ${message.type} does not belong here.`));
    }
  }

  /** Before the welcome nothing but the handshake may be said, so a hub that does not keep to it is left; `rejected` is never answered. */
  #refuse(session: Session, answer: Rejected): void {
    this.#options.log.warn({ of: answer.of, code: answer.code, reason: answer.message }, 'a message of the hub was refused');
    if (session.awaits !== 'messages') session.socket.cut('the hub does not keep to the handshake');
    else if (answer.of !== 'rejected') this.send(answer);
  }

  async #onChallenge(session: Session, challenge: Challenge): Promise<void> {
    const { identity, facts, now, takeEpoch } = this.#options;
    if (challenge.protocol < EARLIEST_PROTOCOL_VERSION || challenge.protocol > PROTOCOL_VERSION) {
      session.refusal = 'unsupported_protocol';
      return session.socket.close();
    }
    this.#status.noteTime(challenge.serverTime);
    const epoch = await takeEpoch();
    session.awaits = 'welcome';
    session.features = negotiateFeatures(AGENT_FEATURES, challenge.features);
    this.#send(session, answerChallenge({ challenge, identity, epoch, facts, now: now() }));
  }

  async #onWelcome(session: Session, welcome: Welcome): Promise<void> {
    const { now, random, describe, events, timings } = this.#options;
    session.awaits = 'messages';
    session.readyAt = performance.now();
    this.#status.enter('connected', null);
    this.#status.noteTime(welcome.serverTime);
    await events.onWelcome(welcome, this);
    session.heartbeat = new Heartbeat({
      intervalMs: Math.min(Math.max(welcome.heartbeatMs, timings.beatMs.least), timings.beatMs.most),
      random,
      beat: () => {
        const { upkeep, ...told } = describe();
        this.send({ type: 'heartbeat', clock: now().toISOString(), ...told, ...(this.canUse('upkeep') && upkeep && { upkeep }) });
        events.onBeat(this);
      },
      onDead: () => session.socket.cut('the hub has gone silent'),
    });
  }

  /** A message that cannot be sent without a credential counts as refused by the hub, so that it is not tried again for ever. */
  #send(session: Session, message: AgentMessage): boolean {
    const frame = CleanFrame.from(message, this.#options.writer);
    if (frame) return session.socket.send(frame);
    this.#options.log.error(
      { type: message.type },
      'a message to the hub holds a credential of this agent where it cannot be taken out; it is not sent',
    );
    const refusal = buildRejection(message.type, 'malformed', 'It holds a credential of this agent and was not sent.');
    setImmediate(() => {
      if (this.#session === session) void this.#options.events.onMessage(refusal, this);
    });
    return true;
  }
}

/** `stop` ends a wait early; that is no failure. */
function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
