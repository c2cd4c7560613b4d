import type { Logger } from 'pino';
import type { WebSocket } from 'ws';

import { encode, joinBytes, type Frame } from '@gatehouse/protocol/codec';
import { getCloseCode, type HubMessage, type Rejected } from '@gatehouse/protocol/messages';

/** How long a peer may take to answer a closing handshake, milliseconds. */
const CLOSE_MS = 3_000;

/** One websocket: frames in, messages out, and one way to end. */
export class AgentSocket {
  /** settles with the close code, also after a broken connection */
  readonly closed: Promise<number>;
  readonly #ws: WebSocket;
  #onFrame: (frame: Frame) => void = () => {};
  #onPing: () => void = () => {};

  constructor(ws: WebSocket, log: Logger) {
    this.#ws = ws;
    this.closed = new Promise((resolve) => ws.once('close', resolve));
    ws.on('error', (error) => log.info({ err: error }, 'websocket broke'));
    ws.on('ping', () => this.#onPing());
    ws.on('message', (data, isBinary) => this.#onFrame({ data: joinBytes(data), isBinary }));
  }

  get isOpen(): boolean {
    return this.#ws.readyState === this.#ws.OPEN;
  }

  /** True while earlier messages are still waiting to leave. */
  get isBackedUp(): boolean {
    return this.#ws.bufferedAmount > 0;
  }

  send(message: HubMessage): void {
    if (this.isOpen) this.#ws.send(encode(message));
  }

  /** Settles when the network has taken the message, or there is no connection any more. */
  async sendAndWait(message: HubMessage): Promise<void> {
    if (!this.isOpen) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ws.send(encode(message), () => resolve());
    await Promise.race([promise, this.closed]);
  }

  /** Says why, then closes. */
  refuse(answer: Rejected): void {
    this.send(answer);
    this.close(getCloseCode(answer.code));
  }

  /** Closing handshake; nothing more is read. A peer that does not answer it is cut. */
  close(code: number): void {
    this.dropFrames();
    this.#ws.resume();
    this.#ws.close(code);
    const late = setTimeout(() => this.#ws.terminate(), CLOSE_MS);
    void this.closed.then(() => clearTimeout(late));
  }

  /** Cuts the connection at once. */
  terminate(): void {
    this.dropFrames();
    this.#ws.terminate();
  }

  /** Stops reading; the network holds the peer back. */
  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  /** From now on every frame goes to `onFrame`; there is always exactly one reader. */
  readFrames(onFrame: (frame: Frame) => void): void {
    this.#onFrame = onFrame;
  }

  /** Each ping is answered, whoever reads the answer, so somebody has to count them. */
  watchPings(onPing: () => void): void {
    this.#onPing = onPing;
  }

  dropFrames(): void {
    this.#onFrame = () => {};
  }

  /** The next frame; null when none comes in time. */
  readFrame(withinMs: number): Promise<Frame | null> {
    const { promise, resolve } = Promise.withResolvers<Frame>();
    this.readFrames(resolve);
    return this.#settle(promise, withinMs);
  }

  /** True when the peer answers a ping in time: whoever is at the other end is alive. */
  async isAlive(withinMs: number): Promise<boolean> {
    if (!this.isOpen) return false;
    this.#ws.resume();
    const { promise, resolve } = Promise.withResolvers<true>();
    this.#ws.once('pong', () => resolve(true));
    this.#ws.ping();
    return (await this.#settle(promise, withinMs)) ?? false;
  }

  /** What the peer was waited for; null when the time is over or the connection ended before. */
  #settle<T>(awaited: Promise<T>, withinMs: number): Promise<T | null> {
    const { promise, resolve } = Promise.withResolvers<null>();
    const late = setTimeout(() => resolve(null), withinMs);
    return Promise.race([awaited, promise, this.closed.then(() => null)]).finally(() => clearTimeout(late));
  }
}
