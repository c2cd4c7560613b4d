import { randomUUID } from 'node:crypto';
import { addAbortListener } from 'node:events';

import type { Logger } from 'pino';

import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import type { OnNoRoom } from '../outbound/answer-bound.ts';
import { mayAsk } from '../wire/input-required.ts';
import { isSameId, METHOD_NOT_FOUND, type RpcAnswer, type RpcId, type ServerMessage } from '../wire/json-rpc.ts';
import { keepText } from '../wire/json-text.ts';
import { getMeta } from '../wire/meta.ts';
import { NOTIFICATION, RpcCode } from '../wire/protocol.ts';
import type { Channel } from './client/channel.ts';
import type { HeldHandle, HeldOutcome, OnHeld } from './conversation.ts';
import { createNotHeldFailure, toUpstreamFailure, type UpstreamFailure } from './failure.ts';

/** Questions that a server asks at once are asked in one result: how long the first one waits for the others, milliseconds. */
const GATHER_MS = 20;
const MOST = { questions: 64, questionBytes: 256 * 1024 };
/** of a state, and of the keys of the questions, so that they are known again */
const PREFIX = 'held-call:';

/** Whether the request names a call that was held, or answers to one. */
export function isAboutHeldCall({
  requestState,
  inputResponses,
}: {
  inputResponses?: JsonObject;
  requestState?: string;
}): boolean {
  return [requestState ?? '', ...Object.keys(inputResponses ?? {})].some((name) => name.startsWith(PREFIX));
}

/** What a caller brings that waits for a call. */
export interface Waiter {
  /** until it ends */
  signal: AbortSignal;
  /** hears of progress and log messages */
  onMessage?: ((message: ServerMessage) => void) | undefined;
  onHeld?: OnHeld | undefined;
  waitForReader?: (() => Promise<void> | null) | undefined;
  /** hears that the answer waits for room in this agent */
  onNoRoom?: OnNoRoom | undefined;
}

export interface HeldCallOptions {
  /** on which the request is under way; kept in use until it has ended */
  channel: Channel;
  affinity: string;
  /** the key of its client, by which what is held is counted */
  keyId: string;
  /** hash of what the server was asked to do: it may go on only for a request that asks the same */
  sent: string;
  /** Characters of the request, which is kept with it. */
  measure: () => number;
  /** what the client declared that it can be asked */
  capabilities: JsonObject;
  send: (waiter: Waiter) => Promise<RpcAnswer>;
}

/** What a call needs of those that it is held among. */
export interface Hold {
  patienceMs: number;
  /** Why this call may not be held now, for the server; null: it may. */
  findRefusal: (call: HeldCall) => string | null;
  keep: (place: string, call: HeldCall) => void;
  remove: (place: string) => void;
  /** Whether there is room for an answer of so many characters beside its request. */
  mayKeepAnswer: (call: HeldCall, size: number) => boolean;
}

/** One request that is under way, whoever waits for it at the moment. */
export class HeldCall {
  /** what the client carries while it is asked */
  readonly state = `${PREFIX}${randomUUID()}`;
  readonly affinity: string;
  readonly keyId: string;
  readonly sent: string;
  readonly channel: Channel;
  readonly #capabilities: JsonObject;
  readonly #measure: () => number;
  readonly #log: Logger;
  readonly #hold: Hold;
  readonly #stop = new AbortController();
  readonly #questions = new Map<string, { id: RpcId; method: string; params: JsonObject }>();
  #asked = 0;
  #questionBytes = 0;
  #requestSize: number | null = null;
  #answerSize = 0;
  #waiter: { waiter: Waiter; round: PromiseWithResolvers<RpcAnswer> } | null = null;
  #outcome: HeldOutcome | null = null;
  /** where it stands among those that are held; null while somebody waits for it */
  #place: string | null = null;
  /** told what becomes of it while nobody waits for it */
  #tell: ReturnType<OnHeld> | null = null;
  /** however often its client comes without an answer, milliseconds since 1970 */
  #heldUntil: number | null = null;
  /** gathers questions while somebody waits, else waits for the client */
  #timer: NodeJS.Timeout | undefined;

  constructor({ channel, affinity, keyId, sent, measure, capabilities, send }: HeldCallOptions, log: Logger, hold: Hold) {
    this.affinity = affinity;
    this.keyId = keyId;
    this.sent = sent;
    this.channel = channel;
    this.#measure = measure;
    this.#capabilities = capabilities;
    this.#log = log;
    this.#hold = hold;
    void this.#run(send);
  }

  /** Characters that are kept for it. */
  get size(): number {
    this.#requestSize ??= this.#measure();
    return this.#requestSize + this.#answerSize;
  }

  /** The server has ended it, while its client was asked. */
  isOver(): boolean {
    return this.#outcome !== null;
  }

  /** Gives the server the answers of the client. A question without one is asked again. */
  answer(responses: JsonObject): void {
    for (const [key, { id }] of this.#questions) {
      const given = responses[key];
      if (!isJsonObject(given)) continue;
      this.#questions.delete(key);
      this.#send(id, { result: given });
    }
  }

  /** Resolves with the answer, or with what the client is to be asked. A waiter that goes away ends the call. */
  async wait(waiter: Waiter): Promise<RpcAnswer> {
    clearTimeout(this.#timer);
    const round = Promise.withResolvers<RpcAnswer>();
    const stop = () => {
      round.reject(waiter.signal.reason);
      this.end(toUpstreamFailure(waiter.signal.reason, waiter.signal));
    };
    if (waiter.signal.aborted) stop();
    else if (this.#outcome) settle(round, this.#outcome);
    this.#leave();
    this.#waiter = { waiter, round };
    using _listening = addAbortListener(waiter.signal, stop);
    this.#gather();
    try {
      return await round.promise;
    } finally {
      this.#waiter = null;
    }
  }

  /** Ends the request at the server, which is told that first, and then that nobody answers what it asked. */
  end(reason: UpstreamFailure): void {
    clearTimeout(this.#timer);
    this.#leave();
    this.#stop.abort(reason);
  }

  async #run(send: HeldCallOptions['send']): Promise<void> {
    try {
      this.channel.beginUse();
      try {
        // whoever waits is there before anything is sent
        const answer = await Promise.resolve().then(() =>
          send({
            signal: this.#stop.signal,
            onMessage: (message) => this.#receive(message),
            waitForReader: () => this.#waiter?.waiter.waitForReader?.() ?? null,
            onNoRoom: (over) => this.#waiter?.waiter.onNoRoom?.(over),
          }),
        );
        this.#finish({ answer });
      } finally {
        this.channel.endUse();
      }
    } catch (error) {
      this.#finish({ error });
    }
  }

  #finish(outcome: HeldOutcome): void {
    this.#withdrawQuestions('The call is over');
    this.#outcome = outcome;
    if (this.#waiter) {
      clearTimeout(this.#timer);
      return settle(this.#waiter.round, outcome);
    }
    // the client comes later, or never
    this.#tell?.(outcome);
    this.#tell = null;
    if (this.#place === null) return;
    const size = 'answer' in outcome ? JSON.stringify(outcome.answer).length : 0;
    if (!this.#hold.mayKeepAnswer(this, size)) return this.end(createNotHeldFailure());
    this.#answerSize = size;
  }

  #receive(message: ServerMessage): void {
    const { id, method, params = {} } = message;
    if (id === undefined) {
      if (method !== NOTIFICATION.cancelled) return this.#waiter?.waiter.onMessage?.(message);
      return this.#withdrawQuestions('The question was withdrawn', (asked) => isSameId(asked, params['requestId']));
    }
    if (!mayAsk(method, this.#capabilities)) return this.#send(id, { error: METHOD_NOT_FOUND });
    this.#asked += 1;
    this.#questionBytes += JSON.stringify(params).length;
    const isTooMuch = this.#asked > MOST.questions || this.#questionBytes > MOST.questionBytes;
    const refusal = isTooMuch ? 'The client is asked too much at once' : this.#hold.findRefusal(this);
    if (refusal !== null) return this.#send(id, { error: { code: RpcCode.internal, message: refusal } });
    this.#questions.set(`${this.state}:${this.#asked}`, { id, method, params: dropProgressToken(params) });
    this.#gather();
  }

  #gather(): void {
    if (!this.#waiter || this.#questions.size === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), GATHER_MS);
  }

  /** The one that waits is told what the client is to be asked, and the call is held until it comes again. */
  #ask(): void {
    if (!this.#waiter || this.#questions.size === 0) return;
    // others may have been kept since the server asked
    const refusal = this.#hold.findRefusal(this);
    if (refusal !== null) return this.#withdrawQuestions(refusal);
    const questions = Array.from(this.#questions, ([key, { method, params }]) => [key, { method, params }] as const);
    const result = { resultType: 'input_required', inputRequests: Object.fromEntries(questions), requestState: this.state };
    const { waiter, round } = this.#waiter;
    this.#waiter = null;
    this.#put(this.state);
    this.#heldUntil ??= Date.now() + this.#hold.patienceMs;
    this.#timer = setTimeout(
      () => {
        this.#log.info('a call was ended: its client did not answer what the server asked');
        this.end(createNotHeldFailure());
      },
      Math.max(0, this.#heldUntil - Date.now()),
    ).unref();
    this.#tell = waiter.onHeld?.(this.#makeHandle()) ?? null;
    round.resolve({ result });
  }

  #makeHandle(): HeldHandle {
    let place = this.state;
    return {
      state: place,
      take: () => {
        place = `${PREFIX}${randomUUID()}`;
        this.#tell = null;
        this.#leave();
        this.#put(place);
        return place;
      },
      end: (failure) => {
        if (this.#place === place) this.end(failure);
      },
    };
  }

  #put(place: string): void {
    this.#place = place;
    this.#hold.keep(place, this);
  }

  #leave(): void {
    if (this.#place !== null) this.#hold.remove(this.#place);
    this.#place = null;
    this.#answerSize = 0;
  }

  /** They are answered, so that others can be asked in their place. */
  #withdrawQuestions(message: string, isMeant: (id: RpcId) => boolean = () => true): void {
    for (const [key, { id }] of this.#questions) {
      if (!isMeant(id)) continue;
      this.#questions.delete(key);
      this.#send(id, { error: { code: RpcCode.internal, message } });
    }
  }

  #send(id: RpcId, answer: RpcAnswer): void {
    this.channel.connection
      .answer(id, answer)
      .catch((error: unknown) => this.#log.debug({ err: error }, 'a question of a server was not answered'));
  }
}

function settle(round: PromiseWithResolvers<RpcAnswer>, outcome: HeldOutcome): void {
  if ('answer' in outcome) round.resolve(outcome.answer);
  else round.reject(outcome.error);
}

/** Nobody tells the server how far the client is. */
function dropProgressToken(params: JsonObject): JsonObject {
  if (params['_meta'] === undefined) return params;
  const { progressToken: _token, ...meta } = getMeta(params);
  const { _meta, ...rest } = params;
  return keepText(Object.keys(meta).length > 0 ? { ...rest, _meta: meta } : rest, params);
}
