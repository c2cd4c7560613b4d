import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as LegacyTransportLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

import { withoutHopData } from '../src/hop-data.ts';
import { FULL_CAPABILITIES } from '../src/server-lists.ts';

type CallParams = { name: string; arguments?: Record<string, unknown>; _meta?: Record<string, unknown> };

/** What the exercise needs of a client; both lines of the SDK have these verbs. */
export interface ExercisedClient {
  /** of the protocol that it came to speak */
  era: 'legacy' | 'modern';
  client: Pick<
    ModernClient | LegacyClient,
    'listTools' | 'listPrompts' | 'listResources' | 'listResourceTemplates' | 'getPrompt' | 'readResource' | 'complete' | 'close'
  >;
  call: (
    params: CallParams,
    onprogress?: (progress: { progress: number; total?: number }) => void,
    signal?: AbortSignal,
  ) => Promise<unknown>;
  setLogLevel: () => Promise<unknown>;
  /** data of log messages, in order */
  logs: unknown[];
  /** what the server asked this client, in order */
  asked: string[];
}

export type Target = { mcpUrl: string; apiKey?: string };

export const buildTransportOptions = ({ apiKey }: Target) =>
  apiKey === undefined ? {} : { requestInit: { headers: { authorization: `Bearer ${apiKey}` } } };

const ANSWERS = {
  sampling: { role: 'assistant', content: { type: 'text', text: 'Paris' }, model: 'test-model', stopReason: 'endTurn' },
  elicitation: { action: 'accept', content: { name: 'Ada', username: 'ada', email: 'ada@example.com', ok: true, color: 'blue' } },
  roots: { roots: [{ uri: 'file:///work', name: 'Work' }] },
} as const;

/** A client of the 2.x SDK over Streamable HTTP, or over a transport of the test's own; `mode` says how it finds the revision. */
export async function openModern(
  target: Target,
  mode: 'auto' | { pin: '2026-07-28' },
  transport?: Transport,
): Promise<ExercisedClient> {
  const client = new ModernClient(
    { name: 'e2e-modern', version: '2.4.0' },
    { capabilities: FULL_CAPABILITIES, versionNegotiation: { mode } },
  );
  const logs: unknown[] = [];
  const asked: string[] = [];
  client.setRequestHandler('sampling/createMessage', (request) => (asked.push(request.method), ANSWERS.sampling));
  client.setRequestHandler('elicitation/create', (request) => (asked.push(request.method), ANSWERS.elicitation));
  client.setRequestHandler('roots/list', (request) => (asked.push(request.method), { roots: [...ANSWERS.roots.roots] }));
  client.setNotificationHandler('notifications/message', ({ params }) => void logs.push(params.data));
  await client.connect(transport ?? new ModernTransport(new URL(target.mcpUrl), buildTransportOptions(target)));
  return {
    era: 'modern',
    client,
    logs,
    asked,
    call: (params, onprogress, signal) => client.callTool(params, { onprogress, signal }),
    // 2026-07-28 says the level with each request instead.
    setLogLevel: () => Promise.resolve(),
  };
}

/** A client of the 1.x SDK over Streamable HTTP, or over a transport of the test's own. */
export async function openLegacy(target: Target, transport?: LegacyTransportLike): Promise<ExercisedClient> {
  const client = new LegacyClient({ name: 'e2e-legacy', version: '1.32.2' }, { capabilities: FULL_CAPABILITIES });
  const logs: unknown[] = [];
  const asked: string[] = [];
  client.setRequestHandler(CreateMessageRequestSchema, ({ method }) => (asked.push(method), ANSWERS.sampling));
  client.setRequestHandler(ElicitRequestSchema, ({ method }) => (asked.push(method), ANSWERS.elicitation));
  client.setRequestHandler(ListRootsRequestSchema, ({ method }) => (asked.push(method), { roots: [...ANSWERS.roots.roots] }));
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logs.push(params.data));
  await client.connect(transport ?? new LegacyTransport(new URL(target.mcpUrl), buildTransportOptions(target)));
  return {
    era: 'legacy',
    client,
    logs,
    asked,
    call: (params, onprogress, signal) => client.callTool(params, undefined, { onprogress, signal }),
    setLogLevel: () => client.setLoggingLevel('debug'),
  };
}

const LOG_LEVEL = { 'io.modelcontextprotocol/logLevel': 'debug' };

/** Uses everything that the reference server offers and returns what came of it, in a form that does not depend on the way taken. */
export async function exercise({
  era,
  client,
  call,
  setLogLevel,
  logs,
  asked,
}: ExercisedClient): Promise<Record<string, unknown>> {
  const seen: Record<string, unknown> = {};
  const keep = async (name: string, work: () => Promise<unknown>) => {
    seen[name] = await work().then(
      (result) => toCompared(result, era),
      (error: unknown) => `refused: ${String(error)}`,
    );
  };
  await setLogLevel();
  await keep('tools', () => client.listTools());
  await keep('prompts', () => client.listPrompts());
  await keep('resources', () => client.listResources());
  await keep('templates', () => client.listResourceTemplates());
  for (const name of ['test_simple_text', 'test_multiple_content_types', 'test_audio_content', 'test_error_handling']) {
    await keep(name, () => call({ name, arguments: {} }));
  }
  await keep('schema', () =>
    call({ name: 'json_schema_2020_12_tool', arguments: { name: 'Ada', contactMethod: 'email', email: 'a@b.c' } }),
  );
  await keep('header', () => call({ name: 'test_custom_headers', arguments: { region: 'eu-north-1' } }));
  await keep('sampling', () => call({ name: 'test_sampling', arguments: { prompt: 'The capital of France?' } }));
  await keep('elicitation', () => call({ name: 'test_elicitation', arguments: { message: 'Who?' } }));
  await keep('three questions', () => call({ name: 'test_input_required_result_multiple_inputs', arguments: {} }));
  await keep('two rounds', () => call({ name: 'test_input_required_result_multi_round', arguments: {} }));
  const progress: unknown[] = [];
  await keep('progress', () =>
    call({ name: 'test_tool_with_progress', arguments: {} }, (step) => void progress.push([step.progress, step.total])),
  );
  await keep('logging', () => call({ name: 'test_tool_with_logging', arguments: {}, _meta: LOG_LEVEL }));
  await keep('prompt', () => client.getPrompt({ name: 'test_prompt_with_arguments', arguments: { arg1: 'one', arg2: 'two' } }));
  await keep('asking prompt', () => client.getPrompt({ name: 'test_input_required_result_prompt' }));
  for (const uri of ['test://static-text', 'test://static-binary', 'test://template/42/data']) {
    await keep(uri, () => client.readResource({ uri }));
  }
  const ref = { type: 'ref/prompt' as const, name: 'test_prompt_with_arguments' };
  await keep('completion', () => client.complete({ ref, argument: { name: 'arg1', value: 'testV' } }));
  return { ...seen, reported: progress, logs: [...logs], asked: [...asked].sort() };
}

const NAMED = z.looseObject({ name: z.string() });

/**
 * What a hop says of itself, and so differs from hop to hop, in results of 2026-07-28: who answers, and how long and for whom the answer may be kept,
 * which of a list that a profile selects only the agent can say. In the older revisions there is none of it.
 */
const OF_THE_HOP = ['ttlMs', 'cacheScope'];

/** A result as it is compared: lists in the order of names, which is how a profile has them; of the newest revision, without who answers and what is OF_THE_HOP. */
export function toCompared(result: unknown, era: 'legacy' | 'modern'): unknown {
  const compared = z.looseObject({}).parse(result);
  for (const key of ['tools', 'prompts', 'resources', 'resourceTemplates']) {
    if (key in compared)
      compared[key] = z
        .array(NAMED)
        .parse(compared[key])
        .sort((one, other) => (one.name < other.name ? -1 : 1));
  }
  return era === 'legacy' ? compared : withoutHopData(compared, OF_THE_HOP);
}
