import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { WebSocket, WebSocketServer } from 'ws';

import { joinBytes } from '../codec.ts';
import { PROTOCOL_HEADER } from '../features.ts';

/** Stands in front of the hub: records every message that agents and hub exchange, unmasked, and can cut the line. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 * 1024 * 1024 });
  #hub: { host: string; port: number };
  readonly #recorded: Buffer[] = [];
  readonly #links = new Set<WebSocket>();
  #open = true;

  private constructor(hub: { host: string; port: number }) {
    this.#hub = hub;
    this.#server = createServer((request, response) => {
      this.#recordHead(request);
      this.#forward(request, response);
    });
    this.#server.on('upgrade', (request, socket, head) => {
      this.#recordHead(request);
      if (!this.#open) return socket.destroy();
      this.#sockets.handleUpgrade(request, socket, head, (agent) => this.#link(agent, request));
    });
  }

  static async start(hub: { host: string; port: number }): Promise<Relay> {
    const relay = new Relay(hub);
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Everything that crossed so far, both directions: heads of requests, bodies, messages, reasons of a close. */
  getRecording(): string {
    return this.listRecorded().join('');
  }

  /** The same piece by piece, as it came. */
  listRecorded(): string[] {
    return this.#recorded.map((piece) => piece.toString('utf8'));
  }

  /** Ends every connection and refuses new ones until `mend`. */
  cut(): void {
    this.#open = false;
    for (const socket of this.#links) socket.terminate();
  }

  mend(): void {
    this.#open = true;
  }

  /** Ends every connection; those that come again reach another hub. */
  replaceHub(hub: { host: string; port: number }): void {
    this.cut();
    this.#hub = hub;
    this.mend();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #recordHead({ method, url, rawHeaders }: IncomingMessage): void {
    this.#recorded.push(Buffer.from(`${method} ${url}\n${rawHeaders.join('\n')}\n`));
  }

  #forward(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#open) return void request.destroy();
    const onward = httpRequest(
      { ...this.#hub, path: request.url, method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.on('data', (chunk: Buffer) => this.#recorded.push(chunk));
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.on('data', (chunk: Buffer) => this.#recorded.push(chunk));
    request.pipe(onward);
  }

  #link(agent: WebSocket, { url = '/', headers }: IncomingMessage): void {
    const hub = new WebSocket(`ws://${this.#hub.host}:${this.#hub.port}${url}`, {
      perMessageDeflate: false,
      headers: headers[PROTOCOL_HEADER] === undefined ? {} : { [PROTOCOL_HEADER]: headers[PROTOCOL_HEADER] },
    });
    const opened = new Promise<void>((resolve) => hub.once('open', () => resolve()));
    for (const [from, to] of [
      [agent, hub],
      [hub, agent],
    ] as const) {
      this.#links.add(from);
      from.on('message', (data) => {
        const message = joinBytes(data);
        this.#recorded.push(message);
        opened.then(() => to.send(message.toString('utf8'))).catch(() => from.terminate());
      });
      from.on('error', () => to.terminate());
      from.on('close', (code, reason) => {
        this.#recorded.push(reason);
        this.#links.delete(from);
        if (code >= 3000 || code === 1000 || code === 1012) to.close(code);
        else to.terminate();
      });
    }
  }
}
