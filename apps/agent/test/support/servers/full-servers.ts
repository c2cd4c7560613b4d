import { toNodeHandler } from '@modelcontextprotocol/node';
import { Server as LegacyServer } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  CreateMessageResultSchema,
  ElicitResultSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListRootsResultSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { createMcpHandler, ProtocolError, Server, type ServerContext } from '@modelcontextprotocol/server';
import { onTestFinished } from 'vitest';

import type { SnapshotProfile } from '@gatehouse/policy/documents/profile';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeProfile, makePrompt, makeResource, makeTemplate, makeTool } from '@gatehouse/policy/testing/build';

import { makeServerAt, startHttp, startLegacy } from './upstreams.ts';

const TEXT = { type: 'object' as const, properties: { text: { type: 'string' } } };
const NAMES = ['work', 'ask', 'sample', 'folders', 'raise', 'fail', 'meta', 'hang', 'twice', 'endless', 'leak'];
/** The tools that both servers have. */
export const FULL_TOOLS = NAMES.map((name) => ({ name, inputSchema: TEXT }));
export const GREETING = { name: 'greet', arguments: [{ name: 'who', required: true }] };
export const MEMO = { uri: 'memo://one', name: 'One' };
export const MEMOS = { uriTemplate: 'memo://{id}', name: 'Memos' };

/** What a server has seen and can be told to do. */
export interface FullServer {
  url: string;
  /** arguments, `_meta` and prompts as they arrived */
  calls: { name: string; meta: Record<string, unknown>; args: unknown }[];
  levels: string[];
  subscribed: string[];
  countRootsChanged(): number;
  getCapabilities(): unknown;
  /** says that a resource has changed */
  update(uri: string): void | Promise<void>;
  /** connections of clients that are open now */
  countSessions(): number;
  aborted: Promise<void>;
}

const formatText = (value: string) => ({ content: [{ type: 'text' as const, text: value }] });
const formatPrompt = (who: unknown) => ({
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: `Hello ${String(who)}` } }],
});
const QUESTION = {
  message: 'Which one?',
  requestedSchema: { type: 'object' as const, properties: { which: { type: 'string' as const } } },
};
/** Under a token that nobody gave. */
const STRAY = { method: 'notifications/progress' as const, params: { progressToken: 'stray', progress: 9 } };
const PROMPT = { messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'Say it' } }], maxTokens: 5 };

/** Throws an error of JSON-RPC by the number that the arguments name. */
function throwRequested(
  args: Record<string, unknown> | undefined,
  make: (code: number, message: string, data: unknown) => Error,
): never {
  const code = Number(args?.['text'] ?? -32050);
  const data = code === -32021 ? { requiredCapabilities: { sampling: {} } } : { why: 'it was asked to' };
  throw make(code, 'it was raised', data);
}

/** A server of the 2025 protocol that uses all of it. */
export async function startFullLegacyServer(): Promise<FullServer> {
  const seen = { calls: [] as FullServer['calls'], levels: [] as string[], subscribed: [] as string[] };
  const servers = new Set<LegacyServer>();
  let rootsChanged = 0;
  const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
  const http = await startLegacy(() => {
    const server = new LegacyServer(
      { name: 'full-legacy', version: '1.0.0' },
      { capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, logging: {}, completions: {} } },
    );
    servers.add(server);
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: FULL_TOOLS }));
    server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: [GREETING] }));
    server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: [MEMO] }));
    server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [MEMOS] }));
    server.setRequestHandler(SetLevelRequestSchema, ({ params }) => {
      seen.levels.push(params.level);
      return {};
    });
    server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
      seen.subscribed.push(params.uri);
      return {};
    });
    server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
      seen.subscribed.splice(seen.subscribed.indexOf(params.uri), 1);
      return {};
    });
    server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
      seen.calls.push({ name: params.name, meta: params._meta ?? {}, args: params.arguments });
      return formatPrompt(params.arguments?.['who']);
    });
    server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => {
      if (uri === 'memo://gone') throw Object.assign(new Error('gone'), { code: -32002, data: { uri } });
      return { contents: [{ uri, text: `memo ${uri}` }] };
    });
    server.setRequestHandler(CompleteRequestSchema, ({ params }) => ({ completion: { values: [`${params.argument.value}!`] } }));
    server.fallbackNotificationHandler = ({ method }) => {
      if (method === 'notifications/roots/list_changed') rootsChanged += 1;
      return Promise.resolve();
    };
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
      const { name, arguments: args, _meta: meta = {} } = params;
      seen.calls.push({ name, meta, args });
      switch (name) {
        case 'work': {
          await extra.sendNotification(STRAY);
          const { progressToken } = meta;
          for (const progress of [1, 2]) {
            if (progressToken !== undefined) {
              await extra.sendNotification({
                method: 'notifications/progress',
                params: { progressToken, progress, total: 2, message: String(args?.['text']) },
              });
            }
          }
          await extra.sendNotification({
            method: 'notifications/message',
            params: { level: 'info', data: `log ${String(args?.['text'])}` },
          });
          return formatText(String(args?.['text']));
        }
        case 'ask':
          return formatText(
            JSON.stringify(await extra.sendRequest({ method: 'elicitation/create', params: QUESTION }, ElicitResultSchema)),
          );
        case 'sample':
          return formatText(
            JSON.stringify(
              await extra.sendRequest({ method: 'sampling/createMessage', params: PROMPT }, CreateMessageResultSchema),
            ),
          );
        case 'folders':
          return formatText(JSON.stringify(await extra.sendRequest({ method: 'roots/list' }, ListRootsResultSchema)));
        case 'raise':
          return throwRequested(args, (code, message, data) => Object.assign(new Error(message), { code, data }));
        case 'fail':
          return { ...formatText('no'), isError: true, structuredContent: { any: [1] }, _meta: { own: true } };
        case 'hang':
          await new Promise<void>((resolve) => extra.signal.addEventListener('abort', () => resolve()));
          abort();
          return formatText('late');
        case 'leak': {
          const leaked = typeof args?.['text'] === 'string' ? args['text'] : SECRET;
          await extra.sendNotification({ method: 'notifications/message', params: { level: 'info', data: leaked } });
          await extra.sendRequest(
            { method: 'elicitation/create', params: { ...QUESTION, message: `use ${leaked}` } },
            ElicitResultSchema,
          );
          return formatText(`it is ${leaked}`);
        }
        default:
          return formatText(JSON.stringify(meta));
      }
    });
    return server;
  });
  return {
    ...seen,
    url: http.url,
    aborted,
    countRootsChanged: () => rootsChanged,
    getCapabilities: () => [...servers].map((server) => server.getClientCapabilities()).at(-1),
    countSessions: () => http.countSessions(),
    update: async (uri) => {
      for (const server of servers) await server.sendResourceUpdated({ uri }).catch(() => undefined);
    },
  };
}

/** What servers of a test hold as their credential and give away. */
export const SECRET = 'upstream-own-credential-9911';

/** A server of the 2026 protocol alone that uses all of it. */
export async function startFullModernServer(): Promise<FullServer> {
  const seen = { calls: [] as FullServer['calls'], levels: [] as string[], subscribed: [] as string[] };
  let capabilities: unknown = null;
  const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
  const handler = createMcpHandler(
    () => {
      const server = new Server(
        { name: 'full-modern', version: '2.0.0' },
        { capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, logging: {}, completions: {} } },
      );
      server.setRequestHandler('tools/list', () => ({ tools: FULL_TOOLS }));
      server.setRequestHandler('prompts/list', () => ({ prompts: [GREETING] }));
      server.setRequestHandler('resources/list', () => ({ resources: [MEMO] }));
      server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [MEMOS] }));
      server.setRequestHandler('prompts/get', ({ params }, ctx) => {
        seen.calls.push({ name: params.name, meta: collectMeta(ctx), args: params.arguments });
        return formatPrompt(params.arguments?.['who']);
      });
      server.setRequestHandler('resources/read', ({ params: { uri } }) => {
        if (uri === 'memo://gone') throw new ProtocolError(-32602, 'gone', { uri });
        return { contents: [{ uri, text: `memo ${uri}` }], ttlMs: 5_000, cacheScope: 'public' as const };
      });
      server.setRequestHandler('completion/complete', ({ params }) => ({
        completion: { values: [`${params.argument.value}!`] },
      }));
      server.setRequestHandler('tools/call', async ({ params: { name, arguments: args } }, ctx) => {
        const meta = collectMeta(ctx);
        capabilities = meta['io.modelcontextprotocol/clientCapabilities'];
        seen.calls.push({ name, meta, args });
        switch (name) {
          case 'work': {
            await ctx.mcpReq.notify(STRAY);
            const { progressToken } = meta;
            for (const progress of [1, 2]) {
              if (typeof progressToken !== 'string' && typeof progressToken !== 'number') break;
              await ctx.mcpReq.notify({
                method: 'notifications/progress',
                params: { progressToken, progress, total: 2, message: String(args?.['text']) },
              });
            }
            await ctx.mcpReq.log('info', `log ${String(args?.['text'])}`);
            return formatText(String(args?.['text']));
          }
          case 'ask':
            return ask(ctx, 'elicitation/create', QUESTION);
          case 'sample':
            return ask(ctx, 'sampling/createMessage', PROMPT);
          case 'folders':
            return ask(ctx, 'roots/list', {});
          case 'endless':
            return buildQuestion(ctx.mcpReq.requestState<string>() === undefined ? 'one' : 'more');
          case 'twice': {
            const state = ctx.mcpReq.requestState<string>();
            if (state === 'second') return formatText(JSON.stringify(ctx.mcpReq.inputResponses));
            return buildQuestion(state === undefined ? 'first "\u00e4' : 'second');
          }
          case 'raise':
            return throwRequested(args, (code, message, data) => new ProtocolError(code, message, data));
          case 'fail':
            return { ...formatText('no'), isError: true, structuredContent: { any: [1] }, _meta: { own: true } };
          case 'hang':
            await new Promise<void>((resolve) => ctx.mcpReq.signal.addEventListener('abort', () => resolve()));
            abort();
            return formatText('late');
          default:
            return formatText(JSON.stringify(meta));
        }
      });
      return server;
    },
    { legacy: 'reject' },
  );
  onTestFinished(() => handler.close());
  const handle = toNodeHandler(handler);
  const http = await startHttp((request, response) => handle(request, response));
  return {
    ...seen,
    url: http.url,
    aborted,
    countRootsChanged: () => 0,
    getCapabilities: () => capabilities,
    countSessions: () => 0,
    update: (uri) => handler.notify.resourceUpdated(uri),
  };
}

/** Asks the client once more. */
function buildQuestion(requestState: string) {
  return {
    resultType: 'input_required' as const,
    inputRequests: { answer: { method: 'elicitation/create' as const, params: { mode: 'form' as const, ...QUESTION } } },
    requestState,
  };
}

function collectMeta(ctx: ServerContext): Record<string, unknown> {
  return { ...ctx.mcpReq._meta, ...ctx.mcpReq.envelope };
}

function ask(ctx: ServerContext, method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list', params: object) {
  const answer = ctx.mcpReq.inputResponses?.['answer'];
  if (answer !== undefined) return formatText(JSON.stringify(answer));
  const question = { method, params: method === 'elicitation/create' ? { mode: 'form', ...params } : params };
  return { resultType: 'input_required' as const, inputRequests: { answer: question } } as never;
}

/** A profile that offers all of such a server. */
export function makeFullProfile(url: string, reference?: string): { server: SnapshotServer; profile: SnapshotProfile } {
  const features = { logging: true, completions: true, resourceSubscriptions: true };
  const server = makeServerAt(url, reference, { features });
  const entries = [
    ...FULL_TOOLS.map((tool) => makeTool(server, tool)),
    makePrompt(server, GREETING, { advertisedName: 'hello' }),
    makeResource(server, MEMO),
    makeTemplate(server, MEMOS),
  ];
  return { server, profile: makeProfile(entries) };
}
