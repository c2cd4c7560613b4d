import { addAbortListener } from 'node:events';

import type { JsonObject } from '@gatehouse/policy/documents/json';

import { mayAsk } from '../../wire/input-required.ts';
import {
  isSameId,
  METHOD_NOT_FOUND,
  readSentNumber,
  type RpcAnswer,
  type RpcId,
  type ServerMessage,
} from '../../wire/json-rpc.ts';
import { keepText } from '../../wire/json-text.ts';
import { replaceProgressToken } from '../../wire/meta.ts';
import { NOTIFICATION, RpcCode } from '../../wire/protocol.ts';

/** How long a person may take to answer, milliseconds. */
const PATIENCE_MS = 10 * 60_000;
const MOST_OPEN = 64;

/** A request of a server to a client: sampling, elicitation or roots. */
export interface Question {
  serverId: string;
  message: ServerMessage;
  /** sends it to the client; false when there is no way to it */
  send: (message: object) => boolean;
  /** ends the waiting: the call that it belongs to is over */
  signal?: AbortSignal;
  /** tells the server what the client says about its progress */
  relayProgress?: (params: JsonObject) => void;
}

interface Open {
  question: Question;
  settle: (answer: RpcAnswer) => void;
  /** the progress token of the server */
  token: unknown;
}

/**
 * The requests of servers to the client of one session that wait for its answer. Each goes out under an id that is made here, so no answer
 * can reach another server or another session, whatever ids the servers use.
 */
export class PendingQuestions {
  readonly #capabilities: JsonObject;
  readonly #open = new Map<number, Open>();
  #lastId = 0;

  /** `capabilities`: what the client declared that it can be asked */
  constructor(capabilities: JsonObject) {
    this.#capabilities = capabilities;
  }

  /** Resolves with the client's answer, or with an error in the words of the protocol when there is none. Never rejects. */
  ask(question: Question): Promise<RpcAnswer> {
    const { message, signal, send } = question;
    if (!mayAsk(message.method, this.#capabilities)) return Promise.resolve({ error: METHOD_NOT_FOUND });
    if (this.#open.size >= MOST_OPEN) return refuseQuestion(RpcCode.internal, 'The client is asked too much at once');
    if (signal?.aborted) return refuseQuestion(RpcCode.internal, 'The call is over');
    const id = (this.#lastId += 1);
    const { promise, resolve } = Promise.withResolvers<RpcAnswer>();
    const giveUp = (reason: string) => {
      send({ jsonrpc: '2.0', method: NOTIFICATION.cancelled, params: { requestId: id, reason } });
      settle({ error: { code: RpcCode.internal, message: reason } });
    };
    const late = setTimeout(() => giveUp('The client did not answer in time.'), PATIENCE_MS);
    const settle = (answer: RpcAnswer) => {
      clearTimeout(late);
      listening?.[Symbol.dispose]();
      this.#open.delete(id);
      resolve(answer);
    };
    const listening = signal && addAbortListener(signal, () => giveUp('The call is over.'));
    const { token, params } = replaceProgressToken(message.params ?? {}, id);
    this.#open.set(id, { question, settle, token });
    if (!send({ jsonrpc: '2.0', id, method: message.method, params })) {
      settle({ error: { code: RpcCode.internal, message: 'The client cannot be asked: it has no stream open' } });
    }
    return promise;
  }

  /** Takes the client's answer. One to a question that is not open is dropped. */
  settle(id: RpcId, answer: RpcAnswer): void {
    const sent = readSentNumber(id);
    if (sent !== null) this.#open.get(sent)?.settle(answer);
  }

  /** The server no longer wants an answer; `requestId` is its own id of the question. */
  withdraw(serverId: string, requestId: unknown): void {
    for (const [id, { question, settle }] of this.#open) {
      if (question.serverId !== serverId || !isSameId(question.message.id, requestId)) continue;
      question.send({ jsonrpc: '2.0', method: NOTIFICATION.cancelled, params: { requestId: id } });
      settle({ error: { code: RpcCode.internal, message: 'The request was cancelled' } });
    }
  }

  /** Tells the server how far the client is with its question. */
  relayProgress(params: JsonObject): void {
    const token = params['progressToken'];
    const sent = readSentNumber(token);
    const open = sent === null ? undefined : this.#open.get(sent);
    if (open?.token !== undefined) open.question.relayProgress?.(keepText({ ...params, progressToken: open.token }, params));
  }

  /** The client is gone. */
  close(): void {
    for (const { settle } of this.#open.values()) settle({ error: { code: RpcCode.internal, message: 'The client is gone' } });
  }
}

function refuseQuestion(code: number, message: string): Promise<RpcAnswer> {
  return Promise.resolve({ error: { code, message } });
}
