import { createRequestStateCodec, McpServer, type RequestStateCodec } from '@modelcontextprotocol/server';

import { addAskingTools, addInputRequiredTools } from './asking-tools.ts';
import { addContentTools, addNotifyingTools, type ChangeNotices } from './plain-tools.ts';
import { addPrompts, addResources } from './prompts-and-resources.ts';

/** Seals the state of calls in several rounds. One for all server instances of a process, because each request has its own instance. */
export const createStateCodec = (): RequestStateCodec<string> =>
  createRequestStateCodec<string>({ key: crypto.getRandomValues(new Uint8Array(32)) });

/**
 * One instance of the reference server: every tool, prompt and resource that the conformance suite asks for by name, the same over HTTP
 * and stdio and in every revision. Built on the published SDK only, so that what the suite says of it is what it says of a good server.
 */
export function defineServer(codec: RequestStateCodec<string>, changes?: ChangeNotices): McpServer {
  const server = new McpServer(
    { name: 'reference', title: 'Reference server', version: '1.0.0' },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        logging: {},
        completions: {},
      },
      instructions: 'A server with one tool for each behaviour of the protocol.',
      requestState: { verify: (state, ctx) => codec.verify(state, ctx) },
    },
  );
  addContentTools(server);
  addNotifyingTools(
    server,
    changes ?? {
      toolsChanged: () => server.sendToolListChanged(),
      promptsChanged: () => server.sendPromptListChanged(),
    },
  );
  addAskingTools(server);
  addInputRequiredTools(server, codec);
  addPrompts(server);
  addResources(server);
  // Subscriptions are accepted and nothing is ever updated; the 2026-07-28 leg serves subscriptions/listen by itself.
  server.server.setRequestHandler('resources/subscribe', () => ({}));
  server.server.setRequestHandler('resources/unsubscribe', () => ({}));
  return server;
}
