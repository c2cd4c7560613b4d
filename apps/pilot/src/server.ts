import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

import { createOrdersServer } from './mcp.ts';
import { OrderBook } from './orders.ts';
import { handleRest } from './rest.ts';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Stateless MCP: a server and a transport per request, so nothing of one caller is ever near another's. */
async function handleMcp(book: OrderBook, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') {
    response.writeHead(405, { allow: 'POST' }).end();
    return;
  }
  const server = createOrdersServer(book);
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  response.on(
    'close',
    () => void server.close().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined)),
  );
  await server.connect(transport);
  await transport.handleRequest(request, response);
}

/** HTTP server of the orders team: MCP at /mcp, REST at /api, /healthz. Both need `Authorization: Bearer <token>`. */
export function createOrdersHttpServer(token: string, book = new OrderBook()): Server {
  const expected = digest(`Bearer ${token}`);
  return createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://orders').pathname;
    if (path === '/healthz') {
      response.writeHead(200).end('ok');
      return;
    }
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) {
      response
        .writeHead(401, { 'www-authenticate': 'Bearer', 'content-type': 'application/json' })
        .end('{"error":"A bearer token is needed."}');
      return;
    }
    if (path !== '/mcp') return handleRest(book, request, response, path);
    handleMcp(book, request, response).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      if (!response.headersSent) response.writeHead(500).end();
    });
  });
}
