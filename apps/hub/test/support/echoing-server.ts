import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { onTestFinished } from 'vitest';

import { CREDENTIAL, FORMS } from './credential-forms.ts';

const forms = Object.values(FORMS);
/** What it says in each of its ways to answer a call. */
export const WAYS = ['result', 'tool_error', 'rpc_error', 'no_result', 'stream', 'http_error'] as const;
type Way = (typeof WAYS)[number];

interface Rpc {
  id?: string | number;
  method?: string;
  params?: { protocolVersion?: string; name?: string; uri?: string; arguments?: { form?: number; way?: Way } };
}

const ARGUMENTS = { form: { type: 'integer' }, way: { type: 'string' }, note: { type: 'string' } };
const inputSchema = { type: 'object', properties: ARGUMENTS };
const outputSchema = { type: 'object', properties: { value: { type: 'string' }, map: { type: 'object' } } };
export const ECHO = {
  name: 'echo',
  description: 'Says it again',
  inputSchema,
  outputSchema,
  annotations: { readOnlyHint: true },
};
const PROMPT = { name: 'ask', arguments: [{ name: 'form' }] };
const RECORD = { uriTemplate: 'record://{form}', name: 'record' };

/**
 * A server that writes what was sent to it as its credential wherever a server can write: into answers of every kind, messages on the way,
 * errors of HTTP, and definitions, of which one of each kind is honest.
 */
export async function startEchoingServer(): Promise<{ url: string; origin: string; countRequests(): number }> {
  let requests = 0;
  const server = createServer((request, response) => void answer(request, response, (requests += 1)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => endServer(server));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `${origin}/mcp`, origin, countRequests: () => requests };
}

function endServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}

async function answer(request: IncomingMessage, response: ServerResponse, turn: number): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(405).end(forms[turn % forms.length]);
  const { id, method, params } = JSON.parse(await text(request)) as Rpc;
  if (id === undefined) return void response.writeHead(202).end();
  const said = forms[turn % forms.length] ?? '';
  const reply = (message: object) => sendJson(response, { jsonrpc: '2.0', id, ...message });
  switch (method) {
    case 'initialize': {
      const serverInfo = { name: said, version: said, title: said };
      const capabilities = { tools: {}, prompts: {}, resources: {}, logging: {} };
      return reply({ result: { protocolVersion: '2025-11-25', capabilities, serverInfo, instructions: said } });
    }
    case 'tools/list':
      return reply({ result: { tools: [ECHO, ...forms.flatMap(makeTaintedTools)] } });
    case 'prompts/list':
      return reply({ result: { prompts: [PROMPT, ...forms.map((form, n) => ({ name: `p${n}`, description: form }))] } });
    case 'resources/list':
      return reply({ result: { resources: forms.map((form, n) => ({ uri: `doc://${n}`, name: form, description: form })) } });
    case 'resources/templates/list':
      return reply({
        result: { resourceTemplates: [RECORD, ...forms.map((form, n) => ({ uriTemplate: `t${n}://{a}`, name: form }))] },
      });
    case 'prompts/get':
      return reply({ result: { description: said, messages: [{ role: 'user', content: { type: 'text', text: said } }] } });
    case 'resources/read':
      return reply({ result: { contents: [{ uri: params?.uri, text: said, mimeType: said }] } });
    case 'tools/call': {
      const form = forms[params?.arguments?.form ?? 0] ?? '';
      return answerCall(response, id, form, params?.arguments?.way ?? 'result');
    }
    default:
      return reply({ error: { code: -32601, message: said, data: said } });
  }
}

/** The form in each place of a tool's definition. */
function makeTaintedTools(form: string, n: number): object[] {
  return [
    { name: `a${n}`, description: form, inputSchema },
    { name: `b${n}`, annotations: { title: form }, inputSchema },
    { name: `c${n}`, inputSchema: { type: 'object', properties: { value: { enum: [form] } } } },
    { name: `d${n}`, inputSchema: { type: 'object', properties: { [form]: {} } } },
    { name: form, inputSchema },
    { name: `e${n}`, inputSchema: form, description: form },
  ];
}

function answerCall(response: ServerResponse, id: string | number, form: string, way: Way): void {
  const structuredContent = { value: form, map: { [form]: form } };
  const content = [
    { type: 'text', text: form },
    { type: 'resource', resource: { uri: 'doc://1', mimeType: 'text/plain', text: form } },
    { type: 'image', mimeType: 'image/png', data: Buffer.from(CREDENTIAL).toString('base64') },
  ];
  const result = { content, structuredContent, isError: way === 'tool_error', _meta: { [form]: form } };
  switch (way) {
    case 'result':
    case 'tool_error':
      return sendJson(response, { jsonrpc: '2.0', id, result });
    case 'rpc_error':
      return sendJson(response, { jsonrpc: '2.0', id, error: { code: -32000, message: form, data: structuredContent } });
    case 'no_result':
      return sendJson(response, { jsonrpc: '2.0', id, result: { [form]: form } });
    case 'stream': {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const notes = [
        { method: 'notifications/message', params: { level: 'info', logger: form, data: { said: form } } },
        { method: 'notifications/progress', params: { progressToken: id, progress: 1, message: form } },
        { id, result },
      ];
      return void response.end(notes.map((note) => `data: ${JSON.stringify({ jsonrpc: '2.0', ...note })}\n\n`).join(''));
    }
    case 'http_error':
      response.statusMessage = encodeURIComponent(form);
      response.writeHead(500, { 'www-authenticate': `Bearer realm=${encodeURIComponent(form)}` });
      return void response.end(form);
  }
}

function sendJson(response: ServerResponse, message: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message));
}

/** The script of a program that writes its credential to both of its streams, in every form. */
export function writeEchoingProgram(): string {
  return `import { createInterface } from 'node:readline';
const forms = ${JSON.stringify(forms)};
for (const form of forms) process.stderr.write(form + '\\n');
process.stderr.write(process.env.CHILD_TOKEN + '\\n');
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  for (const form of forms) process.stdout.write(form + '\\n');
  if (method === 'initialize')
    send({ id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: forms[0], version: forms[1] } } });
  else send({ id, error: { code: -32000, message: forms.join(' '), data: forms } });
});
`;
}
