import type { IncomingMessage } from 'node:http';

import type { WebSocket } from 'ws';

import { decodeAgentFrame, encode, joinBytes } from '../codec.ts';
import type { Feature } from '../features.ts';
import type { AgentMessage, Authenticate, HubMessage } from '../messages.ts';
import { Listener } from './recording.ts';

export type MessageOf<T extends AgentMessage['type']> = Extract<AgentMessage, { type: T }>;

/** One websocket of an agent at the fake hub. */
export class FakeHubConnection extends Listener<AgentMessage> {
  /** what the challenge said */
  readonly nonce: string;
  /** null until it was welcomed */
  agent: Authenticate | null = null;
  /** what both sides can do */
  features: ReadonlySet<Feature> = new Set();
  /** settles with the close code that this side saw */
  readonly closed: Promise<number>;
  /** headers of the upgrade */
  readonly headers: IncomingMessage['headers'];
  readonly #socket: WebSocket;

  constructor(socket: WebSocket, request: IncomingMessage, nonce: string) {
    super('message of the agent');
    this.#socket = socket;
    this.headers = request.headers;
    this.nonce = nonce;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  canUse(feature: Feature): boolean {
    return this.features.has(feature);
  }

  send(message: HubMessage): void {
    this.sendText(encode(message));
  }

  /** Sends text as it is, well formed or not. */
  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** Sends bytes as a binary frame. */
  sendBinary(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  /** Closing handshake with a code; the other side sees `code`. */
  close(code: number, reason = ''): Promise<number> {
    this.#socket.close(code, reason);
    return this.closed;
  }

  /** Cuts the connection without a closing handshake. */
  cut(): Promise<number> {
    this.#socket.terminate();
    return this.closed;
  }

  /** Stops reading: what the agent sends stays in the network, as with a half-open connection. */
  freeze(): void {
    this.#socket.pause();
  }

  /** Feeds every frame to `onMessage`; one of unknown form is answered with `rejected`. */
  listen(handlers: { onBytes(bytes: Buffer): void; onMessage(message: AgentMessage): void }): void {
    this.#socket.on('message', (raw, isBinary) => {
      const data = joinBytes(raw);
      handlers.onBytes(data);
      const decoded = decodeAgentFrame({ data, isBinary });
      if (!decoded.ok) return this.send(decoded.answer);
      this.messages.add(decoded.message);
      handlers.onMessage(decoded.message);
    });
  }
}
