import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { Conversation } from '../../upstream/conversation.ts';
import type { CredentialScrub } from '../../secrets/credential-scrub.ts';
import type { Retry } from '../../call/request.ts';
import type { Running } from '../endpoint.ts';
import type { ClientSide } from '../../call/handle-call.ts';
import type { AskedInputs } from '../../wire/input-required.ts';
import { scrubbedJson } from '../../call/scrubbed-json.ts';
import type { Session } from './session.ts';
import type { ServerMessage } from '../../wire/json-rpc.ts';
import { NOTIFICATION } from '../../wire/protocol.ts';

/** One request of a client of the older protocol: messages and questions go out on the stream of the request itself. */
export class LegacySide implements ClientSide {
  readonly era = 'legacy';
  /** in this protocol a client that names no level gets what there is */
  readonly unaskedLogLevel = 'debug';
  readonly #session: Session;
  readonly #running: Running;
  readonly #scrub: CredentialScrub;
  readonly #progressToken: unknown;

  constructor(session: Session, running: Running, scrub: CredentialScrub, progressToken: unknown) {
    this.#session = session;
    this.#running = running;
    this.#scrub = scrub;
    this.#progressToken = progressToken;
  }

  /** What only the newer protocol knows is left out. */
  finish({ resultType: _resultType, ...result }: JsonObject): JsonObject {
    return result;
  }

  /** Later news of the client, like another log level, concern this server too. */
  goesTo(serverId: string): void {
    this.#session.usedServerIds.add(serverId);
  }

  receive(message: ServerMessage, { serverId, conversation }: { serverId: string; conversation: Conversation }): void {
    const { method, params = {}, id } = message;
    if (id !== undefined) return this.#relayQuestion(message, serverId, conversation);
    switch (method) {
      case NOTIFICATION.progress:
        // a token that this client did not give is nothing that it could understand
        if (this.#progressToken === undefined || params['progressToken'] !== this.#progressToken) return;
        return void this.#send({ jsonrpc: '2.0', method, params });
      case NOTIFICATION.message:
      case NOTIFICATION.elicitationComplete:
        return void this.#send({ jsonrpc: '2.0', method, params });
      case NOTIFICATION.resourceUpdated:
        return this.#session.watches.updated(serverId, params);
      case NOTIFICATION.cancelled:
        return this.#session.questions.withdrawn(serverId, params['requestId']);
    }
  }

  /** A server of the newer protocol asks in its result: the client gets real requests, its answers go into the next round. */
  async askBack({ inputRequests, requestState }: AskedInputs, serverId: string): Promise<Retry | null> {
    const { signal } = this.#running;
    const questions = [...inputRequests].map(async ([key, message]) => {
      const question = { serverId, message, signal, send: (outgoing: object) => this.#send(outgoing) };
      return [key, await this.#running.deadline.during(this.#session.questions.ask(question))] as const;
    });
    const answers = await Promise.all(questions);
    signal.throwIfAborted();
    if (answers.some(([, answer]) => 'error' in answer)) return null;
    const inputResponses = Object.fromEntries(answers.map(([key, answer]) => [key, 'result' in answer ? answer.result : null]));
    return { inputResponses, ...(requestState !== undefined && { requestState }) };
  }

  #relayQuestion(message: ServerMessage, serverId: string, conversation: Conversation): void {
    const { signal, deadline } = this.#running;
    const { id } = message;
    if (id === undefined) return;
    const question = {
      serverId,
      message,
      signal,
      send: (outgoing: object) => this.#send(outgoing),
      onProgress: (params: JsonObject) => void conversation.notify(NOTIFICATION.progress, params).catch(this.#session.onLost),
    };
    void deadline
      .during(this.#session.questions.ask(question))
      .then((answer) => conversation.answer(id, answer))
      .catch(this.#session.onLost);
  }

  #send(message: object): boolean {
    return this.#running.channel.sendText(scrubbedJson(this.#scrub, message));
  }
}
