import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import type { ClientRelay, MessageSource } from '../../call/handle-call.ts';
import type { Retry } from '../../call/request.ts';
import type { Conversation } from '../../upstream/conversation.ts';
import type { AskedInputs } from '../../wire/input-required.ts';
import { isSameId, type RpcId, type ServerMessage } from '../../wire/json-rpc.ts';
import { keepText } from '../../wire/json-text.ts';
import { getMeta } from '../../wire/meta.ts';
import { META, NOTIFICATION } from '../../wire/protocol.ts';
import type { RunningRequest } from '../run-request.ts';
import { translateContent, mayHoldData } from './older-content.ts';
import type { Session } from './session.ts';

/** Relays to a client of the older protocol: messages and questions go out on the stream of the request itself. */
export class LegacyRelay implements ClientRelay {
  readonly era = 'legacy';
  /** In this protocol a client that has set no level gets messages of every level. */
  readonly defaultLogLevel = 'debug';
  readonly #session: Session;
  readonly #running: RunningRequest;

  constructor(session: Session, running: RunningRequest) {
    this.#session = session;
    this.#running = running;
  }

  /**
   * Leaves out what the client's revision does not have, or brings it in a form that it has. Data that is no object comes as a text: only objects are
   * data in this protocol, and before 2025-06-18 nothing is.
   */
  formatResult(said: JsonObject): JsonObject {
    const { protocolVersion } = this.#session.client;
    const result = translateContent(dropHopData(said), protocolVersion);
    const { structuredContent: data, ...rest } = result;
    const isObject = isJsonObject(data);
    if (data === undefined || (isObject && mayHoldData(protocolVersion))) return result;
    const kept = isObject ? result : rest;
    const { content } = rest;
    const isSaid = data === null || (Array.isArray(content) && content.some(isText));
    if (isSaid) return keepText(kept, result);
    const text = this.#running.text.writeMember(result, 'structuredContent');
    return keepText({ ...kept, content: [...asList(content), { type: 'text', text }] }, result);
  }

  /** From now on this server is told, too, when the client changes its log level or its roots. */
  noteServer(serverId: string): void {
    this.#session.usedServerIds.add(serverId);
  }

  waitForReader(): Promise<void> | null {
    return this.#running.channel.waitForReader();
  }

  relayMessage(message: ServerMessage, { serverId, conversation }: MessageSource): void {
    const { method, params = {}, id } = message;
    if (id !== undefined) return this.#relayQuestion(id, message, { serverId, conversation });
    const { progressToken } = this.#running;
    switch (method) {
      case NOTIFICATION.progress:
        // the client knows only the token that it gave itself
        if (progressToken === undefined || !isSameId(params['progressToken'], progressToken)) return;
        return void this.#send({ jsonrpc: '2.0', method, params });
      case NOTIFICATION.message:
      case NOTIFICATION.elicitationComplete:
        return void this.#send({ jsonrpc: '2.0', method, params });
      case NOTIFICATION.resourceUpdated:
        return this.#session.watches.relayUpdate(serverId, params);
      case NOTIFICATION.cancelled:
        return this.#session.questions.withdraw(serverId, params['requestId']);
    }
  }

  /** A server of the newer protocol asks in its result: the client gets real requests, its answers go into the next round. */
  async elicit({ inputRequests, requestState }: AskedInputs, serverId: string): Promise<Retry | null> {
    const { signal, deadline } = this.#running;
    const questions = [...inputRequests].map(async ([key, message]) => {
      const question = { serverId, message, signal, send: (outgoing: object) => this.#send(outgoing) };
      return [key, await deadline.pauseDuring(this.#session.questions.ask(question))] as const;
    });
    const answers = await Promise.all(questions);
    signal.throwIfAborted();
    if (answers.some(([, answer]) => 'error' in answer)) return null;
    const inputResponses = Object.fromEntries(answers.map(([key, answer]) => [key, 'result' in answer ? answer.result : null]));
    return { inputResponses, ...(requestState !== undefined && { requestState }) };
  }

  #relayQuestion(id: RpcId, message: ServerMessage, { serverId, conversation }: MessageSource): void {
    const { signal, deadline } = this.#running;
    const question = {
      serverId,
      message,
      signal,
      send: (outgoing: object) => this.#send(outgoing),
      relayProgress: (params: JsonObject) => this.#relayProgress(conversation, params),
    };
    void deadline
      .pauseDuring(this.#session.questions.ask(question))
      .then((answer) => conversation.answer(id, answer))
      .catch(this.#session.onLost);
  }

  #relayProgress(conversation: Conversation, params: JsonObject): void {
    conversation.notify(NOTIFICATION.progress, params).catch(this.#session.onLost);
  }

  #send(message: object): boolean {
    return this.#running.channel.sendText(this.#running.text.toJson(message));
  }
}

const isText = (block: unknown): boolean => isJsonObject(block) && block['type'] === 'text';
const asList = (content: unknown): unknown[] => (Array.isArray(content) ? content : []);

/**
 * A result as a server of the older protocol would have sent it: without what the newer one says about the result and its sender on this hop.
 * Where a server of the older protocol uses such a name, it is its own.
 */
function dropHopData(result: JsonObject): JsonObject {
  const meta = getMeta(result);
  if (result['resultType'] === undefined && !Object.hasOwn(meta, META.serverInfo)) return result;
  const { resultType: _type, ttlMs: _ttl, cacheScope: _scope, _meta, ...rest } = result;
  const { [META.serverInfo]: _server, ...own } = meta;
  return keepText(Object.keys(own).length > 0 ? { ...rest, _meta: own } : rest, result);
}
