import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

import {
  localhostHostValidation,
  localhostOriginValidation,
  NodeStreamableHTTPServerTransport,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node';
import { createMcpHandler, isLegacyRequest, type RequestStateCodec } from '@modelcontextprotocol/server';

import { createStateCodec, defineServer } from './define-server.ts';
import { EventLog } from './event-log.ts';

export interface HttpReference {
  url: string;
  close(): Promise<void>;
}

/** Which revisions the reference speaks: every one, those up to 2025-11-25, or 2026-07-28. */
export type Speaks = 'both' | 'older' | 'newer';

/** Serves the reference on one URL of 127.0.0.1: 2026-07-28 without state, the older revisions with sessions. */
export async function startHttpReference(port = 0, speaks: Speaks = 'both'): Promise<HttpReference> {
  const codec = createStateCodec();
  const modern = createMcpHandler(() => defineServer(codec, modern.notify), { legacy: 'reject' });
  const serveModern = toNodeHandler(modern);
  const legacy = new LegacySessions(codec);
  const guards = [localhostHostValidation(), localhostOriginValidation()];

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (!guards.every((guard) => guard(request, response))) return;
    if (request.method !== 'POST') return speaks === 'newer' ? serveModern(request, response) : legacy.handle(request, response);
    const body: unknown = await json(request);
    const isOlder = speaks === 'older' || (speaks === 'both' && (await isLegacyRequest(await toWebRequest(request, body), body)));
    return isOlder ? legacy.handle(request, response, body) : serveModern(request, response, body);
  };
  const http = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      process.stderr.write(`reference: ${String(error)}\n`);
      if (response.headersSent) response.destroy();
      else response.writeHead(400).end();
    });
  });
  await once(http.listen(port, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    async close() {
      await Promise.all([modern.close(), legacy.close()]);
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** The sessions of clients up to 2025-11-25, each with a server instance of its own. */
class LegacySessions {
  readonly #codec: RequestStateCodec<string>;
  readonly #sessions = new Map<string, NodeStreamableHTTPServerTransport>();

  constructor(codec: RequestStateCodec<string>) {
    this.#codec = codec;
  }

  async handle(request: IncomingMessage, response: ServerResponse, body?: unknown): Promise<void> {
    const id = request.headers['mcp-session-id'];
    if (id === undefined) return (await this.#open()).handleRequest(request, response, body);
    const session = this.#sessions.get(String(id));
    if (session) return session.handleRequest(request, response, body);
    const error = { code: -32_001, message: 'Session not found' };
    response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
  }

  async #open(): Promise<NodeStreamableHTTPServerTransport> {
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      eventStore: new EventLog(),
      retryInterval: 50,
      onsessioninitialized: (id) => void this.#sessions.set(id, transport),
      onsessionclosed: (id) => void this.#sessions.delete(id),
    });
    await defineServer(this.#codec).connect(transport);
    return transport;
  }
}
