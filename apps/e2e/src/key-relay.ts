import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

export interface KeyRelay {
  url: string;
  close(): Promise<void>;
}

/**
 * Stands in front of an agent and adds the client key, for clients that cannot be given a header, as the conformance suite. Everything
 * else passes as it comes, in both directions and without waiting for the end; the relay's own address in Host and Origin becomes the
 * agent's, every other value stays, so that the agent still checks it. Listens on a free port of 127.0.0.1.
 */
export async function startKeyRelay(mcpUrl: string, clientKey: string): Promise<KeyRelay> {
  const target = new URL(mcpUrl);
  const server = createServer((request, response) => relay(request, response, target, clientKey));
  server.requestTimeout = 0;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${target.pathname}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function relay(request: IncomingMessage, response: ServerResponse, target: URL, clientKey: string): void {
  const own = `127.0.0.1:${request.socket.localPort}`;
  const { host, origin } = request.headers;
  const outgoing = forward({
    host: target.hostname,
    port: target.port,
    method: request.method,
    path: request.url,
    headers: {
      ...request.headers,
      host: host === own ? target.host : host,
      ...(origin !== undefined && { origin: origin === `http://${own}` ? target.origin : origin }),
      authorization: `Bearer ${clientKey}`,
    },
  });
  outgoing.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.flushHeaders();
    // Ends either side when the other is cut; the error itself is the other side's to report.
    pipeline(answer, response, () => undefined);
  });
  outgoing.once('error', () => response.destroy());
  response.once('close', () => outgoing.destroy());
  request.pipe(outgoing);
}
