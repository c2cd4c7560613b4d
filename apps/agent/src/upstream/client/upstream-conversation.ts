import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';

import { RpcCode } from '../../wire/protocol.ts';
import { mirrorArguments } from '../../wire/mirrored-headers.ts';
import type { Channel } from './channel.ts';
import type { RpcAnswer, RpcId, ServerRequest } from './connection.ts';
import type { Conversation, ToolCall, UpstreamClient } from '../conversation.ts';
import { NotSent, UpstreamFailure } from '../failure.ts';
import { modernMeta } from './introductions.ts';
import { stoppable } from '../stoppable.ts';

/** Where a conversation gets its connection from, anew when one broke. */
export interface ChannelSource {
  /** the connection for this client; made when there is none */
  channelFor(client: UpstreamClient, signal: AbortSignal): Promise<Channel>;
  /** the client has not ended */
  serves(client: UpstreamClient): boolean;
  /** Runs one request on a connection, and draws the consequences for connection and server. Rejects with UpstreamFailure. */
  carry(channel: Channel, signal: AbortSignal, task: () => Promise<RpcAnswer>): Promise<RpcAnswer>;
}

/** One client in conversation with one MCP server. */
export class UpstreamConversation implements Conversation {
  readonly #source: ChannelSource;
  readonly #client: UpstreamClient;
  #channel: Channel;

  constructor(source: ChannelSource, client: UpstreamClient, channel: Channel) {
    this.#source = source;
    this.#client = client;
    this.#channel = channel;
  }

  get era(): Conversation['era'] {
    return this.#channel.connection.era;
  }
  get capabilities(): JsonObject {
    return this.#channel.connection.capabilities;
  }

  callTool(call: ToolCall): Promise<RpcAnswer> {
    const { definition, signal, onMessage } = call;
    return this.#carry(signal, async (channel) => {
      await requirePin(channel, call);
      const send = () =>
        channel.connection.request({
          method: 'tools/call',
          params: this.#params(channel, callParams(call), call.meta),
          headers: channel.connection.era === 'modern' ? headersOf(definition, call.arguments) : undefined,
          signal,
          onMessage,
        });
      const answer = await send();
      const mismatch = 'error' in answer && answer.error.code === RpcCode.headerMismatch && channel.connection.era === 'modern';
      if (!mismatch) return answer;
      // the server repeats other arguments as headers than it declared: has it changed the tool?
      channel.definitions.changed();
      await requirePin(channel, call);
      return send();
    });
  }

  request(request: ServerRequest): Promise<RpcAnswer> {
    const { _meta: meta, ...own } = request.params;
    return this.#carry(request.signal, async (channel) => {
      const params = this.#params(channel, own, isJsonObject(meta) ? meta : {});
      const send = () => channel.connection.request({ ...request, params });
      const { uri } = own;
      switch (request.method) {
        case 'resources/subscribe':
          return typeof uri === 'string' ? channel.subscribe(uri, this.#client.affinity, send) : send();
        case 'resources/unsubscribe':
          return typeof uri === 'string' ? channel.unsubscribe(uri, this.#client.affinity, send) : send();
        case 'logging/setLevel':
          // the newer protocol says it with every request
          return channel.connection.era === 'modern' ? { result: {} } : channel.setLevel(String(own['level']), send);
        default:
          return send();
      }
    });
  }

  async notify(method: string, params?: JsonObject): Promise<void> {
    await this.#channel.connection.notify(method, params);
  }

  async answer(id: RpcId, answer: RpcAnswer): Promise<void> {
    await this.#channel.connection.answer(id, answer);
  }

  async #carry(signal: AbortSignal, task: (channel: Channel) => Promise<RpcAnswer>): Promise<RpcAnswer> {
    try {
      return await this.#carryOnce(signal, task);
    } catch (error) {
      // an ended session refuses a request before it does anything, so it may be sent again, once
      const sessionIsGone = error instanceof UpstreamFailure && error.status === 404 && this.era === 'legacy';
      const mayGoOn = sessionIsGone || error instanceof NotSent;
      if (!mayGoOn || !this.#source.serves(this.#client)) throw error;
      return this.#carryOnce(signal, task);
    }
  }

  async #carryOnce(signal: AbortSignal, task: (channel: Channel) => Promise<RpcAnswer>): Promise<RpcAnswer> {
    const channel = await this.#source.channelFor(this.#client, signal);
    this.#channel = channel;
    return this.#source.carry(channel, signal, () => task(channel));
  }

  #params({ connection }: Channel, params: JsonObject, own: JsonObject): JsonObject {
    if (connection.era === 'legacy') return Object.keys(own).length > 0 ? { ...params, _meta: own } : params;
    return { ...params, _meta: modernMeta(this.#client.facts, this.#client.logLevel(), own) };
  }
}

function callParams({ definition, arguments: args, retry }: ToolCall): JsonObject {
  return { name: definition.name, ...(args && { arguments: args }), ...retry };
}

async function requirePin(channel: Channel, { definition, pin, signal }: ToolCall): Promise<void> {
  const live = await stoppable(channel.definitions.pinOf(definition.name), signal);
  if (live === pin) return;
  const why =
    live === undefined
      ? 'The server does not offer this tool to this client now.'
      : live === null
        ? 'The server defines several tools of this name. Ask for a new review.'
        : 'The server has changed this tool since it was approved. Ask for a new review.';
  throw new UpstreamFailure('tool_not_approved', why);
}

const declaresHeaders = new WeakMap<ToolDefinition, boolean>();

/** Only few tools repeat arguments as headers; the others are not searched for it with every call. */
function headersOf(definition: ToolDefinition, args: JsonObject = {}): Record<string, string> | undefined {
  let declares = declaresHeaders.get(definition);
  if (declares === undefined) {
    declares = JSON.stringify(definition.inputSchema).includes('"x-mcp-header"');
    declaresHeaders.set(definition, declares);
  }
  return declares ? mirrorArguments(definition.inputSchema, args) : undefined;
}
