import { findRestOperation } from '@gatehouse/policy/documents/rest-operation';
import { isRival } from '@gatehouse/policy/names/parameter-name';

import type { Outbound, OutboundAnswer } from '../../outbound/outbound.ts';
import type { RpcAnswer } from '../../wire/json-rpc.ts';
import { RpcCode } from '../../wire/protocol.ts';
import type { Conversation, ToolCall } from '../conversation.ts';
import { addHeaders, addQuery, dropParameters, type Authorization, type Authorizer } from '../credentials/authorizer.ts';
import { toUpstreamFailure, UpstreamFailure } from '../failure.ts';
import { readStatusFailure } from '../server-words.ts';
import { ArgumentRefused } from './argument-refused.ts';
import { encodeRequest, type RestRequest } from './encode-request.ts';
import { buildErrorResult, readAnswer } from './read-answer.ts';

export interface RestOptions {
  /** the paths of the operations are appended to it */
  baseUrl: URL;
  /** for the origin of `baseUrl` */
  authorizer: Authorizer;
  outbound: Pick<Outbound, 'request'>;
  agentVersion: string;
}

const ACCEPT = 'application/json, text/*;q=0.8, */*;q=0.5';
/** methods that only read: one may be sent twice */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'QUERY']);
const METHOD_NOT_FOUND = { code: RpcCode.methodNotFound, message: 'A REST API offers tools only.' };

/**
 * An HTTP API as a server of tools: each call is one request, made from the approved definition and the arguments. It has no state and
 * nothing to close, so one may serve every client.
 */
export function createRestConversation(options: RestOptions): Conversation {
  return {
    era: 'modern',
    capabilities: { tools: {} },
    callTool: (call) => callTool(options, call),
    request: async () => ({ error: METHOD_NOT_FOUND }),
    notify: async () => undefined,
    // it never asks anything
    answer: async () => undefined,
  };
}

async function callTool(options: RestOptions, call: ToolCall): Promise<RpcAnswer> {
  const operation = findRestOperation(call.definition);
  if (!operation)
    throw new UpstreamFailure('tool_not_approved', 'This tool has no HTTP operation. Import the description again.');
  try {
    // the definition was made here, from the description that was reviewed, and is all that the request is made of
    call.onConfirmed?.(null);
    const request = encodeRequest(options.baseUrl, operation, call.definition.inputSchema, call.arguments ?? {});
    const answer = await send(options, request, call);
    if (answer.status === 401) throw await readStatusFailure(answer);
    return { result: await readAnswer(answer, call.waitForReader) };
  } catch (error) {
    if (error instanceof ArgumentRefused) return { result: buildErrorResult(error.message) };
    throw describe(error, call.signal);
  }
}

/** Sends once; a read is sent a second time when the credential was refused and another one can be had. */
async function send(
  options: RestOptions,
  request: RestRequest,
  { signal, onNoRoom }: Pick<ToolCall, 'signal' | 'onNoRoom'>,
): Promise<OutboundAnswer> {
  const { authorizer, outbound } = options;
  const { url, method } = request;
  const attempt = async () => {
    const credential = await authorizer.authorize(url.origin, signal);
    const answer = await outbound.request(credential ? addQuery(withoutRivals(url, credential), credential) : url, {
      method,
      body: request.body,
      signal,
      onNoRoom,
      longLived: false,
      headers: buildHeaders(options, request, credential),
    });
    return { answer, credential };
  };
  const { answer, credential } = await attempt();
  if (answer.status !== 401 || !credential) return answer;
  const isWorthAnother = authorizer.discard(credential);
  if (!isWorthAnother || !SAFE.has(method)) return answer;
  await answer.body.dump();
  return (await attempt()).answer;
}

/** No argument takes the place of the credential, or stands beside it under a name that a server may read as the same. */
function buildHeaders(
  { agentVersion }: RestOptions,
  { headers, cookies }: RestRequest,
  credential: Authorization | null,
): Record<string, string> {
  const common = { accept: ACCEPT, 'user-agent': `gatehouse-agent/${agentVersion}` };
  if (!credential) return { ...common, ...headers, ...writeCookies(undefined, cookies) };
  const others = Object.entries(headers).filter(([header]) => !credential.headers.some(([name]) => isRival(header, name)));
  const all = addHeaders({ ...common, ...Object.fromEntries(others) }, credential);
  return { ...all, ...writeCookies(all['cookie'], cookies) };
}

/** One header for all cookies: those of the credential first. None of an argument has the name of one of these. */
function writeCookies(own: string | undefined, cookies: RestRequest['cookies']): { cookie?: string } {
  if (cookies.size === 0) return {};
  const taken = own?.split(';').map((pair) => pair.split('=', 1)[0]?.trim() ?? '') ?? [];
  const pairs = [...cookies].flatMap(([name, value]) =>
    taken.some((other) => isRival(name, other)) ? [] : [`${name}=${value}`],
  );
  const all = own === undefined ? pairs : [own, ...pairs];
  return all.length === 0 ? {} : { cookie: all.join('; ') };
}

/** The same for arguments that are parameters of the URL. */
function withoutRivals(url: URL, { query }: Authorization): URL {
  if (query.length === 0 || url.search === '') return url;
  return dropParameters(url, (argument) => query.some(([name]) => isRival(argument, name)));
}

/** A failure without a more specific cause is described as one of HTTP, because no MCP is spoken here. */
function describe(error: unknown, signal: AbortSignal): UpstreamFailure {
  const failure = toUpstreamFailure(error, signal);
  const isUnknown = failure.code === 'upstream_protocol' && failure.status === null && failure !== error;
  return isUnknown
    ? new UpstreamFailure('upstream_protocol', 'The API does not speak HTTP as expected.', { cause: error })
    : failure;
}
