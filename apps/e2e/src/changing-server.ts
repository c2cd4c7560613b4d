import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server, type Tool } from '@modelcontextprotocol/server';

/** An MCP server on this machine that says when what it offers has changed. */
export interface ChangingServer {
  url: string;
  /** `host:port`, as guardrails name it */
  host: string;
  /** Offers these from now on, and announces it. */
  change(tools: Tool[]): void;
  close(): Promise<void>;
}

/** A tool that only reads. */
export const describeReading = (name: string, description: string): Tool => ({
  name,
  description,
  inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
  annotations: { readOnlyHint: true, openWorldHint: false },
});

export async function startChangingServer(first: Tool[]): Promise<ChangingServer> {
  let tools = first;
  const handler = createMcpHandler(() => {
    const server = new Server({ name: 'changing', version: '1.0.0' }, { capabilities: { tools: { listChanged: true } } });
    server.setRequestHandler('tools/list', () => ({ tools }));
    server.setRequestHandler('tools/call', () => ({ content: [{ type: 'text', text: 'found' }] }));
    return server;
  });
  const handle = toNodeHandler(handler);
  const http = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    host: `127.0.0.1:${port}`,
    change(next) {
      tools = next;
      handler.notify.toolsChanged();
    },
    async close() {
      await handler.close();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}
