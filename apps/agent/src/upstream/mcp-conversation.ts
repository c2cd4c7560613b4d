import { hashContent } from '@gatehouse/policy/documents/content-hash';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import type { RpcAnswer, RpcId } from '../wire/json-rpc.ts';
import { writeJson } from '../wire/json-text.ts';
import { getMeta } from '../wire/meta.ts';
import { mirrorArguments } from '../wire/mirrored-headers.ts';
import { METHOD, type Era } from '../wire/protocol.ts';
import type { Attempt } from './breaker.ts';
import type { Channel } from './client/channel.ts';
import type { McpRequest } from './client/connection.ts';
import { buildModernMeta } from './client/initialize.ts';
import type { Freshness } from './client/live-list.ts';
import { requireApproved } from './client/require-approved.ts';
import type { ApprovedEntry, Conversation, ConversationRequest, ToolCall, UpstreamClient } from './conversation.ts';
import {
  createChangedFailure,
  createNotHeldFailure,
  NotSent,
  SessionEnded,
  toUpstreamFailure,
  UpstreamFailure,
} from './failure.ts';
import { isAboutHeldCall, type Waiter } from './held-call.ts';
import type { HeldCalls } from './held-calls.ts';

/** The owner of the connections to a server. A lease ends when the owner retires the channel: the next use of it rejects with NotSent. */
export interface ChannelLessor {
  /** The connection for this client; made when there is none. Rejects with UpstreamFailure. */
  lease(client: UpstreamClient, signal: AbortSignal): Promise<Channel> | Channel;
  /** The connection of the newer protocol for this client; null where the server is not known to speak it. */
  leaseNewer(client: UpstreamClient, signal: AbortSignal): Promise<Channel | null>;
  /** the calls that wait for what their clients are asked */
  readonly held: HeldCalls;
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
    const { definition, pin, ignored, alike, freshness, onConfirmed, onHeld, signal, onMessage, waitForReader, onNoRoom } = call;
    const waiter: Waiter = { signal, onMessage, waitForReader, onNoRoom, onHeld };
    const approved: ApprovedEntry = {
      kind: 'tool',
      name: definition.name,
      pin,
      definition,
      ignored,
      alike,
      freshness,
      onConfirmed,
    };
    const resumed = call.retry && this.#resume(call.retry, approved, METHOD.callTool, buildCallParams(call, 'legacy'), waiter);
    if (resumed) return resumed;
    return this.#execute({ signal, freshness }, async (channel) => {
      await requireApproved(channel.definitions, approved, signal);
      let areHeadersRefused = false;
      const send = () =>
        this.#send(
          channel,
          {
            method: METHOD.callTool,
            params: this.#buildParams(channel, buildCallParams(call, channel.connection.server.era), call.meta),
            headers: channel.connection.server.era === 'modern' ? mirrorDeclared(definition, call.arguments) : undefined,
            onHeadersRefused: () => (areHeadersRefused = true),
          },
          waiter,
        );
      const answer = await send();
      if (!areHeadersRefused) return answer;
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
    const { inputResponses, requestState, ...bare } = own;
    const retry = readRetry(inputResponses, requestState);
    const { signal, onMessage, waitForReader, onNoRoom } = request;
    const waiter: Waiter = { signal, onMessage, waitForReader, onNoRoom, onHeld: approved?.onHeld };
    const resumed = approved && retry && this.#resume(retry, approved, request.method, bare, waiter);
    if (resumed) return resumed;
    return this.#execute({ signal: request.signal, freshness }, async (channel) => {
      if (approved) await requireApproved(channel.definitions, approved, request.signal);
      const isBridged = approved !== undefined && this.#isBridged(channel);
      const params = this.#buildParams(channel, isBridged ? bare : own, meta);
      const send = () =>
        isBridged
          ? this.#send(channel, { method: request.method, params }, waiter)
          : channel.connection.request({ ...request, params });
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

  /** Whether the server asks in requests, and the client is asked in results. */
  #isBridged({ connection }: Channel): boolean {
    return connection.server.era === 'legacy' && this.#client.era === 'modern';
  }

  #send(channel: Channel, request: Omit<McpRequest, keyof Waiter>, waiter: Waiter): Promise<RpcAnswer> {
    const send = ({ onHeld: _onHeld, ...heard }: Waiter) => channel.connection.request({ ...request, ...heard });
    if (!this.#isBridged(channel)) return send(waiter);
    const { affinity, keyId, facts } = this.#client;
    const sent = identifySent(request.method, request.params);
    const measure = () => writeJson(request.params).length;
    return this.#lessor.held.begin({ channel, affinity, keyId, sent, measure, capabilities: facts.capabilities, send }, waiter);
  }

  /**
   * Goes on with a call that is held; undefined when this request begins one. The call is never sent again, and goes on only where the same would be
   * sent now.
   */
  #resume(
    retry: NonNullable<ToolCall['retry']>,
    approved: ApprovedEntry,
    method: string,
    params: JsonObject,
    waiter: Waiter,
  ): Promise<RpcAnswer> | undefined {
    const held = this.#lessor.held.take(retry.requestState, this.#client.affinity);
    if (!held) {
      // in every era: a server that was asked anew may speak another now, and would carry the call out once more
      const isLost = isAboutHeldCall(retry) || (this.#isBridged(this.#channel) && retry.requestState !== undefined);
      return isLost ? Promise.reject(createNotHeldFailure()) : undefined;
    }
    if (held.sent !== identifySent(method, params)) {
      held.end(createChangedFailure());
      return Promise.reject(createChangedFailure());
    }
    if (held.isOver()) return held.wait(waiter);
    let isAnswered = false;
    return this.#executeOn(held.channel, waiter.signal, async (channel) => {
      await requireApproved(channel.definitions, approved, waiter.signal);
      isAnswered = true;
      held.answer(retry.inputResponses ?? {});
      return held.wait(waiter);
    }).catch((error: unknown) => {
      held.end(toUpstreamFailure(error));
      // what fails before says that nothing was sent, and the call was
      const isDecided =
        isAnswered || waiter.signal.aborted || (error instanceof UpstreamFailure && error.code === 'tool_not_approved');
      throw isDecided && !(error instanceof NotSent) ? error : createNotHeldFailure();
    });
  }

  async #execute(
    { signal, freshness }: { signal: AbortSignal; freshness: Freshness },
    task: (channel: Channel) => Promise<RpcAnswer>,
  ): Promise<RpcAnswer> {
    const channel = this.#channel;
    try {
      return await this.#executeOn(channel, signal, task);
    } catch (error) {
      if (!this.#lessor.serves(this.#client)) throw error;
      const next = await this.#leaseAfter(error, channel, { freshness, signal });
      if (!next) throw error;
      this.#channel = next;
      return await this.#executeOn(next, signal, task);
    }
  }

  /** The channel on which a request may be sent that failed on this one; null: on none. */
  async #leaseAfter(
    error: unknown,
    channel: Channel,
    { freshness, signal }: { freshness: Freshness; signal: AbortSignal },
  ): Promise<Channel | null> {
    if (maySendAgain(error, freshness)) return this.#lessor.lease(this.#client, signal);
    // what was approved is what the server defines in the newer protocol, where it speaks that
    const isDefinedOtherwise = error instanceof UpstreamFailure && error.code === 'tool_not_approved';
    return isDefinedOtherwise && channel.connection.server.era === 'legacy'
      ? this.#lessor.leaseNewer(this.#client, signal)
      : null;
  }

  /** Rejects with UpstreamFailure; with NotSent when the channel was retired. */
  async #executeOn(channel: Channel, signal: AbortSignal, task: (channel: Channel) => Promise<RpcAnswer>): Promise<RpcAnswer> {
    const attempt = this.#lessor.admit();
    try {
      channel.beginUse();
      try {
        const answer = await task(channel);
        attempt.succeed();
        return answer;
      } finally {
        channel.endUse();
      }
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
function maySendAgain(error: unknown, freshness: Freshness): boolean {
  if (error instanceof NotSent) return true;
  return error instanceof SessionEnded && (error.undone || freshness === 'read');
}

/** What a server of the older protocol is asked to do, without what belongs to one request. */
function identifySent(method: string, { _meta, ...params }: JsonObject = {}): string {
  return hashContent([method, params]);
}

function buildCallParams({ definition, arguments: args, retry }: ToolCall, era: Era): JsonObject {
  return { name: definition.name, ...(args && { arguments: args }), ...(era === 'modern' && retry) };
}

function readRetry(inputResponses: unknown, requestState: unknown): ToolCall['retry'] {
  if (inputResponses === undefined && requestState === undefined) return undefined;
  return {
    ...(isJsonObject(inputResponses) && { inputResponses }),
    ...(typeof requestState === 'string' && { requestState }),
  };
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
