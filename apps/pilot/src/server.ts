import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

import { createOrdersServer } from './mcp.ts';
import { OrderBook } from './orders.ts';
import { handleDescription, handleRest } from './rest.ts';

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

/** Null: the request has been answered. */
function authenticate(request: IncomingMessage, response: ServerResponse, expected: Buffer): URL | null {
  const url = URL.parse(request.url ?? '/', 'http://orders');
  if (!url) {
    response.writeHead(400).end();
    return null;
  }
  if (url.pathname === '/healthz') {
    response.writeHead(200).end('ok');
    return null;
  }
  if (handleDescription(request, response, url.pathname)) return null;
  if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return url;
  response
    .writeHead(401, { 'www-authenticate': 'Bearer', 'content-type': 'application/json' })
    .end('{"error":"A bearer token is needed."}');
  return null;
}

/**
 * HTTP server of the orders team: MCP at /mcp and REST at /api, which need `Authorization: Bearer <token>`; the description at
 * /api/openapi.json and /healthz do not.
 */
export function createOrdersHttpServer(token: string, book = new OrderBook()): Server {
  const expected = digest(`Bearer ${token}`);
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = authenticate(request, response, expected);
    if (!url) return;
    await (url.pathname === '/mcp' ? handleMcp(book, request, response) : handleRest(book, request, response, url));
  };
  return createServer((request, response) => {
    response.on('error', () => response.destroy());
    handle(request, response).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
}
