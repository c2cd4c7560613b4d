import { Server as LegacyServer } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  CancelledNotificationSchema,
  ElicitResultSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

import type { Risk } from '@gatehouse/policy/documents/definition';
import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway, type GatewaySetup } from '../support/agent/gateway.ts';
import { postModern } from '../support/clients/clients.ts';
import { makeServerAt, startLegacy } from '../support/servers/upstreams.ts';

export const TOOL = { name: 'order', inputSchema: { type: 'object' as const } };
export const TENANTED = { ...TOOL, inputSchema: { ...TOOL.inputSchema, properties: { tenant: { type: 'string' } } } };

export interface AskingOptions {
  questions?: number;
  atOnce?: boolean;
  straysAfter?: boolean;
  tools?: (typeof TOOL)[];
  readClock?: () => number;
  /** the server asks once, and goes on without an answer when this resolves */
  goOn?: Promise<unknown>;
  /** the server asks when this resolves */
  waitFor?: Promise<unknown>;
  risk?: Risk;
  limits?: GatewaySetup['limits'];
  listener?: GatewaySetup['listener'];
}

/** A server of the older protocol whose one tool asks `questions` things, one after the other or at once, before it does what it does. */
export async function startAsking({
  questions = 1,
  atOnce = false,
  straysAfter = false,
  tools = [TOOL],
  readClock = () => performance.now(),
  goOn,
  waitFor,
  risk = 'read',
  limits,
  listener,
}: AskingOptions = {}) {
  const seen = { begun: 0, done: 0, ended: 0, cancelled: 0, answers: [] as unknown[] };
  const upstream = await startLegacy(() => {
    const server = new LegacyServer({ name: 'asking', version: '1' }, { capabilities: { tools: {} } });
    server.setNotificationHandler(CancelledNotificationSchema, () => void (seen.cancelled += 1));
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
    server.setRequestHandler(CallToolRequestSchema, async (_request, extra) => {
      seen.begun += 1;
      const ask = (n: number) =>
        extra.sendRequest(
          {
            method: 'elicitation/create',
            params: { message: `question ${n}`, requestedSchema: { type: 'object', properties: {} } },
          },
          ElicitResultSchema,
        );
      const numbers = Array.from({ length: questions }, (_, n) => n + 1);
      await waitFor;
      try {
        if (straysAfter) {
          const asked = ask(1);
          await extra.sendNotification({ method: 'notifications/cancelled', params: {} });
          seen.answers.push(await asked);
        } else if (goOn) await Promise.race([goOn, ask(1)]);
        else if (atOnce) seen.answers.push(...(await Promise.all(numbers.map(ask))));
        else for (const n of numbers) seen.answers.push(await ask(n));
      } catch (error) {
        seen.ended += 1;
        throw error;
      }
      seen.done += 1;
      return { content: [{ type: 'text', text: `done ${seen.done}` }] };
    });
    return server;
  });
  const server = makeServerAt(upstream.url);
  const profile = makeProfile([makeTool(server, TOOL, { risk })]);
  const gateway = await startGateway({ servers: [server], profiles: [profile], readClock, limits, listener });
  const call = async (params: object = {}, secret = gateway.secret, name = 'raw') => {
    const request = {
      method: 'tools/call',
      params: { name: 'order', arguments: {}, ...params },
      capabilities: { elicitation: {} },
      meta: { 'io.modelcontextprotocol/clientInfo': { name, version: '0' } },
    };
    const text = await (await postModern(gateway.url, secret, request)).text();
    return JSON.parse(text) as { result: Asking & { isError?: boolean; content: { text: string }[] }; error?: { code: number } };
  };
  return { ...gateway, upstream, seen, call, server, profile };
}

export interface Asking {
  resultType: string;
  requestState: string;
  inputRequests: Record<string, { method: string; params: { message: string } }>;
}

export const ACCEPTED = { action: 'accept', content: {} };
export const answerAll = ({ inputRequests, requestState }: Asking) => ({
  requestState,
  inputResponses: Object.fromEntries(Object.keys(inputRequests).map((key) => [key, ACCEPTED])),
});
