import type { IncomingMessage, ServerResponse } from 'node:http';

import type { PromptDefinition, ResourceTemplateDefinition, ToolDefinition } from '@gatehouse/policy/documents/definition';

import { readText, startHttp } from '../support/servers/upstreams.ts';

/** Stands in every result, wherever a server could write it. */
export const RESULT_MARKER = 'result-value-9d2c6e17';

/** A tool that answers in as many ways as a server can. */
export const WORK: ToolDefinition = {
  name: 'work',
  description: 'Does what it is told',
  inputSchema: {
    type: 'object',
    properties: { text: { type: 'string' }, mode: { type: 'string' }, more: { type: 'object' } },
    required: ['text'],
    additionalProperties: false,
  },
  outputSchema: { type: 'object', properties: { value: { type: 'string' }, map: { type: 'object' } } },
  annotations: { readOnlyHint: true },
};

export const MODES = ['ok', 'tool_error', 'rpc_error', 'no_result'] as const;

/** Read with a value in its address. */
export const RECORD: ResourceTemplateDefinition = { uriTemplate: 'record://{id}', name: 'record' };

/** Given with a value in its argument. */
export const ADVICE: PromptDefinition = { name: 'advice', arguments: [{ name: 'text' }] };

/** What a hostile control plane would like to have read: a server that is on its side lists it. */
export interface Lures {
  addresses: readonly string[];
  templates: readonly string[];
}

interface Rpc {
  id?: string | number;
  method?: string;
  params?: { name?: string; uri?: string; protocolVersion?: string; arguments?: { text?: string; mode?: string } };
}

/**
 * A server of the older protocol without state, with a tool, a prompt, a template and whatever lures it is given. Below /redirect it sends whoever asks to the place that the path names, and below /broken it
 * fails with a value in status, header and body. Everything that reaches it is kept as text.
 */
export async function startOfferedServer(lures: Lures) {
  const received: string[] = [];
  const http = await startHttp(async (request, response) => {
    const body = await readText(request);
    received.push(`${request.method} ${request.url}\n${request.rawHeaders.join('\n')}\n${body}`);
    if (request.url?.startsWith('/redirect/')) return sendElsewhere(request.url, response);
    if (request.url?.startsWith('/broken')) return fail(response);
    return answer(request, response, body, lures);
  });
  return { ...http, origin: new URL(http.url).origin, received };
}

function sendElsewhere(url: string, response: ServerResponse): void {
  const [, , status = '302', location = ''] = url.split('/');
  response.writeHead(Number(status), { location: decodeURIComponent(location) }).end();
}

function fail(response: ServerResponse): void {
  response.writeHead(500, `Failed ${RESULT_MARKER}`, { 'www-authenticate': `Bearer realm="${RESULT_MARKER}"` });
  response.end(`{"error":"${RESULT_MARKER}"}`);
}

function answer(request: IncomingMessage, response: ServerResponse, body: string, lures: Lures): void {
  if (request.method !== 'POST') return void response.writeHead(request.url?.startsWith('/api') ? 200 : 405).end(RESULT_MARKER);
  const { id, method, params } = readRpc(body);
  if (id === undefined) return void response.writeHead(202).end();
  const send = (reply: object) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...reply }));
  switch (method) {
    case 'initialize': {
      const serverInfo = { name: 'offered', version: '1' };
      const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {} };
      return void send({ result: { protocolVersion: params?.protocolVersion, capabilities, serverInfo } });
    }
    case 'tools/list':
      return void send({ result: { tools: [WORK] } });
    case 'resources/list':
      return void send({ result: { resources: lures.addresses.map((uri) => ({ uri, name: uri })) } });
    case 'resources/templates/list':
      return void send({
        result: { resourceTemplates: [RECORD, ...lures.templates.map((uriTemplate) => ({ uriTemplate, name: uriTemplate }))] },
      });
    case 'prompts/list':
      return void send({ result: { prompts: [ADVICE] } });
    case 'prompts/get': {
      const content = { type: 'text', text: `${RESULT_MARKER} ${params?.arguments?.text}` };
      return void send({ result: { description: RESULT_MARKER, messages: [{ role: 'user', content }] } });
    }
    case 'completion/complete':
      return void send({ result: { completion: { values: [RESULT_MARKER] } } });
    case 'resources/read':
      return void send({ result: { contents: [{ uri: params?.uri, text: RESULT_MARKER }] } });
    case 'tools/call':
      return void send(answerCall(params?.arguments?.text ?? '', params?.arguments?.mode));
    default:
      return void send({ error: { code: -32601, message: 'unknown' } });
  }
}

function readRpc(body: string): Rpc {
  try {
    return JSON.parse(body) as Rpc;
  } catch {
    return {};
  }
}

function answerCall(text: string, mode: string | undefined): object {
  const said = `${RESULT_MARKER} ${text}`;
  switch (mode) {
    case 'rpc_error':
      return { error: { code: -32000, message: said, data: { said } } };
    case 'no_result':
      return { result: { [said]: said } };
    default: {
      const structuredContent = { value: said, map: { [said]: said } };
      return { result: { content: [{ type: 'text', text: said }], structuredContent, isError: mode === 'tool_error' } };
    }
  }
}
