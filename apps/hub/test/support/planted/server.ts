import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { onTestFinished } from 'vitest';

import { PlantedAnswers, type Answer, type Mode, type Rpc } from './answers.ts';
import type { Sent } from './fields.ts';
import type { Ledger } from './ledger.ts';
import { CREDENTIAL, SECRETS } from './secrets.ts';

/** A text as a header or a status line may hold it: its bytes, without what ends a line. */
export const toHeaderText = (value: string): string =>
  Buffer.from(value.replaceAll(/\p{Cc}/gu, (letter) => `\\u00${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)).toString(
    'latin1',
  );

/** Servers over Streamable HTTP, one for each secret, which stands in all that it says. Each notes what the agent has read to its end. */
export class PlantedServers {
  readonly #ledger: Ledger;
  readonly #answers = SECRETS.map((secret, which) => new PlantedAnswers(secret, which));
  /** for the answers to questions */
  readonly #heard = new Map<string, () => void>();
  mode: Mode = 'serve';
  origin = '';

  private constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  static async start(ledger: Ledger): Promise<PlantedServers> {
    const servers = new PlantedServers(ledger);
    const server = createServer((request, response) => {
      servers.#serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    servers.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return servers;
  }

  getUrl(which: number): string {
    return `${this.origin}/${which}/mcp`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const which = Number(request.url?.split('/')[1]);
    const answers = this.#answers[which];
    if (!answers || request.headers.authorization !== `Bearer ${CREDENTIAL}`) return void response.writeHead(401).end();
    const deliver = (...sent: Sent[]) => response.once('finish', () => this.#ledger.note(which, sent));
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const rpc = JSON.parse(await text(request)) as Rpc;
    if (rpc.method === undefined) this.#heard.get(`${which}/${rpc.id}`)?.();
    const broken = rpc.method === 'tools/call' ? (rpc.params?.arguments?.way as Mode | undefined) : this.mode;
    if (broken === 'httpError' || broken === 'redirect' || broken === 'noMcp') {
      deliver(broken);
      return sendBroken(response, broken, answers.write(broken));
    }
    if (rpc.id === undefined || rpc.method === undefined) return void response.writeHead(202).end();
    const answer = answers.answer(rpc, this.mode);
    deliver(...answer.planted);
    if (answer.asks) return this.#sendStream(response, which, answer);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', ...answer.messages[0] }));
  }

  /** Says all but the last, and that once both questions are answered. */
  async #sendStream(response: ServerResponse, which: number, { messages }: Answer): Promise<void> {
    const send = (message: object | undefined) => response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
    const hear = (id: string) => new Promise<void>((resolve) => this.#heard.set(`${which}/${id}`, resolve));
    const answered = Promise.all([hear('elicit'), hear('sample')]);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const message of messages.slice(0, -1)) send(message);
    await answered;
    send(messages.at(-1));
    response.end();
  }
}

function sendBroken(response: ServerResponse, how: 'httpError' | 'redirect' | 'noMcp', texts: Record<string, string>): void {
  response.statusMessage = toHeaderText(texts['/statusText'] ?? 'OK');
  for (const [place, value] of Object.entries(texts)) {
    const name = /^\/headers\/(.*)$/.exec(place)?.[1];
    if (name !== undefined) response.setHeader(name, toHeaderText(name === 'location' ? `https://127.0.0.1:1/${value}` : value));
  }
  response.writeHead({ httpError: 500, redirect: 302, noMcp: 200 }[how]).end(texts['/body']);
}
