import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ToolDefinition } from '@gatehouse/policy/documents/definition';

import { ECHO, readText, startHttp } from '../support/servers/upstreams.ts';

export interface Asked {
  id: unknown;
  method: string;
  params: Record<string, unknown>;
}

export type Answer = (message: Asked, response: ServerResponse, request: IncomingMessage) => unknown;

/** Answers with one JSON text. */
export const sendJson = (response: ServerResponse, body: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** Begins an event stream and returns what writes one message to it. */
export function openEvents(response: ServerResponse): (message: object, id?: string) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  return (message, id) => {
    if (!response.destroyed) {
      response.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
    }
  };
}

export interface HandmadeOptions {
  tools?: ToolDefinition[];
  /** the tools of the moment; `tools` when left out */
  listTools?: () => ToolDefinition[];
  capabilities?: object;
  /** answers GET; 405 when left out */
  get?: (response: ServerResponse, request: IncomingMessage) => void;
  port?: number;
}

/** A server of the older protocol written by hand, without sessions, whose answer to tools/call is `answer`. */
export async function startHandmade(
  answer: Answer,
  { tools = [ECHO], listTools = () => tools, capabilities = { tools: {} }, get, port }: HandmadeOptions = {},
) {
  const asked: Asked[] = [];
  const server = await startHttp(async (request, response) => {
    if (request.method === 'GET' && get) return get(response, request);
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const message: Asked = JSON.parse(await readText(request));
    asked.push(message);
    const reply = (body: object) => sendJson(response, { jsonrpc: '2.0', id: message.id, ...body });
    if (message.method === 'initialize') {
      const { protocolVersion } = message.params;
      return void reply({ result: { protocolVersion, capabilities, serverInfo: { name: 'handmade', version: '1' } } });
    }
    if (message.method === 'tools/list') return void reply({ result: { tools: listTools() } });
    if (message.method === 'tools/call') return void (await answer(message, response, request));
    if (message.id === undefined || message.method === undefined) return void response.writeHead(202).end();
    reply({ error: { code: -32601, message: 'unknown' } });
  }, port);
  return { ...server, asked };
}
