import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { RpcAnswer, RpcId } from '../wire/json-rpc.ts';
import { getMeta } from '../wire/meta.ts';
import { mirrorArguments } from '../wire/mirrored-headers.ts';
import { METHOD, RpcCode, type Era } from '../wire/protocol.ts';
import type { Attempt } from './breaker.ts';
import type { Channel } from './client/channel.ts';
import { buildModernMeta } from './client/initialize.ts';
import type { Freshness } from './client/live-list.ts';
import { requireApproved } from './client/require-approved.ts';
import type { ApprovedEntry, Conversation, ConversationRequest, ToolCall, UpstreamClient } from './conversation.ts';
import { NotSent, SessionEnded, toUpstreamFailure, UpstreamFailure } from './failure.ts';

/** The owner of the connections to a server. A lease ends when the owner retires the channel: the next use of it rejects with NotSent. */
export interface ChannelLessor {
  /** The connection for this client; made when there is none. Rejects with UpstreamFailure. */
  lease(client: UpstreamClient, signal: AbortSignal): Promise<Channel>;
  /** the client has not ended */
  serves(client: UpstreamClient): boolean;
  /** Lets a request through. Throws UpstreamFailure when the server failed too often just now. */
  admit(): Attempt;
  /** A request on a channel failed: that counts against the server, and may cost the channel. */
  recordFailure(channel: Channel, attempt: Attempt, failure: UpstreamFailure): void;
}

/** One client in conversation with one MCP server, on a channel that it leases. */
export class McpConversation implements Conversation {
  readonly #lessor: ChannelLessor;
  readonly #client: UpstreamClient;
  #channel: Channel;

  constructor(lessor: ChannelLessor, client: UpstreamClient, channel: Channel) {
    this.#lessor = lessor;
    this.#client = client;
    this.#channel = channel;
  }

  get era(): Era {
    return this.#channel.connection.server.era;
  }
  get capabilities(): JsonObject {
    return this.#channel.connection.server.capabilities;
  }

  callTool(call: ToolCall): Promise<RpcAnswer> {
    const { definition, pin, freshness, onConfirmed, signal, onMessage } = call;
    const approved: ApprovedEntry = { kind: 'tool', name: definition.name, pin, definition, freshness, onConfirmed };
    return this.#execute({ signal, freshness }, async (channel) => {
      await requireApproved(channel.definitions, approved, signal);
      const send = () =>
        channel.connection.request({
          method: METHOD.callTool,
          params: this.#buildParams(channel, buildCallParams(call), call.meta),
          headers: channel.connection.server.era === 'modern' ? mirrorDeclared(definition, call.arguments) : undefined,
          signal,
          onMessage,
        });
      const answer = await send();
      const mismatch =
        'error' in answer && answer.error.code === RpcCode.headerMismatch && channel.connection.server.era === 'modern';
      if (!mismatch) return answer;
      // the server repeats other arguments as headers than it declared: has it changed the tool?
      channel.definitions.invalidate(['tool']);
      await requireApproved(channel.definitions, approved, signal);
      return send();
    });
  }

  request({ approved, ...request }: ConversationRequest): Promise<RpcAnswer> {
    const { _meta, ...own } = request.params;
    const meta = getMeta(request.params);
    const { freshness = 'read' } = approved ?? {};
    return this.#execute({ signal: request.signal, freshness }, async (channel) => {
      if (approved) await requireApproved(channel.definitions, approved, request.signal);
      const params = this.#buildParams(channel, own, meta);
      const send = () => channel.connection.request({ ...request, params });
      const { uri } = own;
      switch (request.method) {
        case METHOD.subscribe:
          return typeof uri === 'string' ? channel.subscribe(uri, this.#client.affinity, send) : send();
        case METHOD.unsubscribe:
          return typeof uri === 'string' ? channel.unsubscribe(uri, this.#client.affinity, send) : send();
        case METHOD.setLogLevel:
          // in the newer protocol every request carries the level
          return channel.connection.server.era === 'modern' ? { result: {} } : channel.setLevel(String(own['level']), send);
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

  async #execute(
    { signal, freshness }: { signal: AbortSignal; freshness: Freshness },
    task: (channel: Channel) => Promise<RpcAnswer>,
  ): Promise<RpcAnswer> {
    const channel = this.#channel;
    try {
      return await this.#executeOn(channel, signal, task);
    } catch (error) {
      if (!maySendAgain(error, channel, freshness) || !this.#lessor.serves(this.#client)) throw error;
      const next = await this.#lessor.lease(this.#client, signal);
      this.#channel = next;
      return await this.#executeOn(next, signal, task);
    }
  }

  /** Rejects with UpstreamFailure; with NotSent when the channel was retired. */
  async #executeOn(channel: Channel, signal: AbortSignal, task: (channel: Channel) => Promise<RpcAnswer>): Promise<RpcAnswer> {
    const attempt = this.#lessor.admit();
    try {
      using _use = channel.use();
      const answer = await task(channel);
      attempt.succeed();
      return answer;
    } catch (error) {
      const failure = toUpstreamFailure(error, signal);
      this.#lessor.recordFailure(channel, attempt, failure);
      throw failure;
    }
  }

  #buildParams({ connection }: Channel, params: JsonObject, own: JsonObject): JsonObject {
    if (connection.server.era === 'legacy') return Object.keys(own).length > 0 ? { ...params, _meta: own } : params;
    return { ...params, _meta: buildModernMeta(this.#client.facts, this.#client.getLogLevel(), own) };
  }
}

/** Whether a request may be sent on another connection: it surely did nothing, or it only reads and its session was over. */
function maySendAgain(error: unknown, { connection }: Channel, freshness: Freshness): boolean {
  if (error instanceof NotSent) return true;
  if (error instanceof SessionEnded) return error.undone || freshness === 'read';
  return error instanceof UpstreamFailure && error.status === 404 && connection.server.era === 'legacy';
}

function buildCallParams({ definition, arguments: args, retry }: ToolCall): JsonObject {
  return { name: definition.name, ...(args && { arguments: args }), ...retry };
}

const declaresHeaders = new WeakMap<ToolDefinition, boolean>();

/** The headers that repeat arguments. Few tools declare any, so whether one does is found once and remembered. */
function mirrorDeclared(definition: ToolDefinition, args: JsonObject = {}): Record<string, string> | undefined {
  let declares = declaresHeaders.get(definition);
  if (declares === undefined) {
    declares = JSON.stringify(definition.inputSchema).includes('"x-mcp-header"');
    declaresHeaders.set(definition, declares);
  }
  return declares ? mirrorArguments(definition.inputSchema, args) : undefined;
}
