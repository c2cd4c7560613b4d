import { randomUUID } from 'node:crypto';
import { addAbortListener } from 'node:events';

import type { Logger } from 'pino';

import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { mayAsk } from '../wire/input-required.ts';
import { isSameId, METHOD_NOT_FOUND, type RpcAnswer, type RpcId, type ServerMessage } from '../wire/json-rpc.ts';
import { keepText } from '../wire/json-text.ts';
import { getMeta } from '../wire/meta.ts';
import { NOTIFICATION, RpcCode } from '../wire/protocol.ts';
import type { Channel } from './client/channel.ts';
import { createToldFailure, toUpstreamFailure, type UpstreamFailure } from './failure.ts';

/** How long a person may take to answer, milliseconds. */
const PATIENCE_MS = 10 * 60_000;
/** Questions that a server asks at once are asked in one result: how long the first one waits for the others, milliseconds. */
const GATHER_MS = 20;
const MOST = { calls: 256, callsOfClient: 16, questions: 64, questionBytes: 256 * 1024, answerBytes: 16 * 1024 * 1024 };
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

/** The call is not held any more. It is not sent again: it may have changed something. */
export function createNotHeldFailure(): UpstreamFailure {
  const message =
    'This call waited for the answers of its client, but is not held any more: it took too long, was answered before, or the agent or the connection ' +
    'to the server was started anew. The server may have carried it out or not, so it was not sent again. Look before you make it again.';
  return createToldFailure('upstream_timeout', message, { byUs: true });
}

/** What would be sent now is another thing than the server is carrying out. */
export function createChangedFailure(): UpstreamFailure {
  const message =
    'The configuration was changed while the client was asked, so the call did not go on. The server may have carried it out or not. Look before you ' +
    'make it again.';
  return createToldFailure('tool_not_approved', message, { byUs: true });
}

/** What a caller brings that waits for a call: until it ends, and what hears of progress and log messages. */
export interface Waiter {
  signal: AbortSignal;
  onMessage?: (message: ServerMessage) => void;
}

export interface HeldCallOptions {
  /** on which the request is under way; kept in use until it has ended */
  channel: Channel;
  affinity: string;
  /** hash of what the server was asked to do: it may go on only for a request that asks the same */
  sent: string;
  /** what the client declared that it can be asked */
  capabilities: JsonObject;
  send: (waiter: Waiter) => Promise<RpcAnswer>;
}

/**
 * Calls to a server of the older protocol whose client speaks the newer one: what the server asks while it carries the call out becomes an
 * `input_required` result, and the call is held until the client comes again with the answers. Bounded in number, time and bytes; nothing of it
 * outlives the connections to the server.
 */
export class HeldCalls {
  readonly #log: Logger;
  readonly #held = new Map<string, HeldCall>();
  /** of answers that came while nobody waited for them */
  #answerBytes = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Sends a call. Resolves with its answer, or with what the client is to be asked first. Rejects as the request does. */
  begin(options: HeldCallOptions, waiter: Waiter): Promise<RpcAnswer> {
    const call = new HeldCall(options, this.#log, {
      keep: () => void this.#held.set(call.id, call),
      mayHold: () => this.#mayHold(options.affinity),
      mayKeepAnswer: (bytes) => this.#answerBytes + bytes <= MOST.answerBytes && ((this.#answerBytes += bytes), true),
      release: (bytes) => {
        this.#held.delete(call.id);
        this.#answerBytes -= bytes;
      },
    });
    return call.wait(waiter);
  }

  /** The call that a client goes on with: once for each time that it was held, and only by the client that made it. */
  take(state: string | undefined, affinity: string): HeldCall | null {
    const call = state === undefined ? undefined : this.#held.get(state);
    if (!call || call.affinity !== affinity) return null;
    this.#held.delete(call.id);
    return call;
  }

  /** Ends every call that is held. */
  close(): void {
    for (const call of this.#held.values()) call.end(createNotHeldFailure());
  }

  #mayHold(affinity: string): boolean {
    const ofClient = [...this.#held.values()].filter((call) => call.affinity === affinity);
    return this.#held.size < MOST.calls && ofClient.length < MOST.callsOfClient;
  }
}

/** What a call needs of those that it is held among. */
interface Hold {
  keep: () => void;
  mayHold: () => boolean;
  mayKeepAnswer: (bytes: number) => boolean;
  release: (bytes: number) => void;
}

type Outcome = { answer: RpcAnswer } | { error: unknown };

/** One request that is under way, whoever waits for it at the moment. */
export class HeldCall {
  readonly id = `${PREFIX}${randomUUID()}`;
  readonly affinity: string;
  readonly sent: string;
  readonly channel: Channel;
  readonly #capabilities: JsonObject;
  readonly #log: Logger;
  readonly #hold: Hold;
  readonly #stop = new AbortController();
  readonly #questions = new Map<string, { id: RpcId; method: string; params: JsonObject }>();
  #asked = 0;
  #questionBytes = 0;
  #keptBytes = 0;
  #waiter: { waiter: Waiter; round: PromiseWithResolvers<RpcAnswer> } | null = null;
  #outcome: Outcome | null = null;
  /** however often its client comes without an answer, milliseconds since 1970 */
  #heldUntil: number | null = null;
  /** gathers questions while somebody waits, else waits for the client */
  #timer: NodeJS.Timeout | undefined;

  constructor({ channel, affinity, sent, capabilities, send }: HeldCallOptions, log: Logger, hold: Hold) {
    this.affinity = affinity;
    this.sent = sent;
    this.channel = channel;
    this.#capabilities = capabilities;
    this.#log = log;
    this.#hold = hold;
    void this.#run(send);
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
    this.#hold.release(this.#keptBytes);
    this.#keptBytes = 0;
    this.#waiter = { waiter, round };
    using _listening = addAbortListener(waiter.signal, stop);
    this.#gather();
    try {
      return await round.promise;
    } finally {
      this.#waiter = null;
    }
  }

  /** Ends the request at the server. */
  end(reason: UpstreamFailure): void {
    this.#stop.abort(reason);
    this.#forget();
  }

  async #run(send: HeldCallOptions['send']): Promise<void> {
    try {
      using _use = this.channel.use();
      // whoever waits is there before anything is sent
      const answer = await Promise.resolve().then(() =>
        send({ signal: this.#stop.signal, onMessage: (message) => this.#receive(message) }),
      );
      this.#finish({ answer });
    } catch (error) {
      this.#finish({ error });
    }
  }

  #finish(outcome: Outcome): void {
    this.#withdrawQuestions('The call is over');
    this.#outcome = outcome;
    if (this.#waiter) {
      clearTimeout(this.#timer);
      return settle(this.#waiter.round, outcome);
    }
    // the client comes later, or never
    const bytes = 'answer' in outcome ? JSON.stringify(outcome.answer).length : 0;
    if (!this.#hold.mayKeepAnswer(bytes)) return this.#forget();
    this.#keptBytes = bytes;
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
    const isTooMuch = this.#asked > MOST.questions || this.#questionBytes > MOST.questionBytes || !this.#hold.mayHold();
    if (isTooMuch) return this.#send(id, { error: { code: RpcCode.internal, message: 'The client is asked too much at once' } });
    this.#questions.set(`${this.id}:${this.#asked}`, { id, method, params: dropProgressToken(params) });
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
    if (!this.#hold.mayHold()) return this.#withdrawQuestions('Too many calls wait for their clients');
    const questions = Array.from(this.#questions, ([key, { method, params }]) => [key, { method, params }] as const);
    const result = { resultType: 'input_required', inputRequests: Object.fromEntries(questions), requestState: this.id };
    this.#waiter.round.resolve({ result });
    this.#waiter = null;
    this.#hold.keep();
    this.#heldUntil ??= Date.now() + PATIENCE_MS;
    this.#timer = setTimeout(
      () => {
        this.#log.info('a call was ended: its client did not answer what the server asked');
        this.end(createNotHeldFailure());
      },
      Math.max(0, this.#heldUntil - Date.now()),
    ).unref();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#withdrawQuestions('The call is over');
    this.#hold.release(this.#keptBytes);
    this.#keptBytes = 0;
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

function settle(round: PromiseWithResolvers<RpcAnswer>, outcome: Outcome): void {
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
