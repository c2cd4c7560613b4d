import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';
import type { CallMethod } from '@gatehouse/protocol/receipt';

import { ClientText } from '../call/client-text.ts';
import { Deadline } from '../call/deadline.ts';
import { handleCall, type CallDeps, type IncomingCall } from '../call/handle-call.ts';
import { CALL_FORMS, readCall } from '../call/request.ts';
import { translateError } from '../call/translate-error.ts';
import type { Hold } from '../http/in-flight.ts';
import { wasCutOff } from '../http/stalled-readers.ts';
import { CallStopped, toUpstreamFailure, type StopCode } from '../upstream/failure.ts';
import { countCharacters, type JsonPieces } from '../wire/json-parts.ts';
import type { ClientRequest, RpcAnswer, RpcError } from '../wire/json-rpc.ts';
import { getMeta } from '../wire/meta.ts';
import { RpcCode, type Era } from '../wire/protocol.ts';
import type { AdmittedRequest, EndpointDeps } from './endpoint.ts';
import type { OpenWork, Stoppable } from './open-work.ts';
import { acceptsStream, ReplyChannel } from './reply-channel.ts';

/** Whether an answer was read, or its client was cut off because it did not read, or left. */
type AnswerEnding = 'read' | 'cut' | 'left';

/** A request of a client from its start to its answer: the way back, what may stop it, and its time limit. Always call `end`. */
export class RunningRequest implements Stoppable {
  readonly key: SnapshotClientKey;
  readonly channel: ReplyChannel;
  readonly deadline: Deadline;
  /** what servers say to this request, as its client may read it */
  readonly text: ClientText;
  /** under which the client wants to hear of progress; undefined: it does not */
  readonly progressToken: unknown;
  readonly #work: OpenWork;
  readonly #scrub: EndpointDeps['scrub'];
  readonly #response: AdmittedRequest['response'];
  readonly #hold: Hold | undefined;
  /** its answer may wait for others */
  readonly #isInBatch: boolean;
  readonly #controller = new AbortController();
  readonly #onClose = () => this.stop('cancelled');
  #onEnd: (() => void) | null = null;

  constructor(
    { work, scrub }: EndpointDeps,
    { request, response, caller, trail, hold, batch }: AdmittedRequest,
    { id, params }: ClientRequest,
  ) {
    this.key = caller.key;
    this.progressToken = getMeta(params)['progressToken'] ?? undefined;
    this.channel = new ReplyChannel(response, id, acceptsStream(request), { batch, hold });
    this.#isInBatch = batch !== undefined;
    this.deadline = new Deadline((reached) => this.#controller.abort(reached));
    this.text = new ClientText(scrub, caller.profile.profile, (found) => trail.noteHidden(found));
    this.#work = work;
    this.#scrub = scrub;
    this.#hold = hold;
    this.#response = response;
    work.addCall(this);
    response.once('close', this.#onClose);
    // a client that left while its body was read: the response may have closed before anybody listened
    if (response.destroyed) this.stop('cancelled');
  }

  /** Aborted with CallStopped when the client is gone or cancels, its key was revoked, or the server takes too long. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stop(code: StopCode): void {
    this.#controller.abort(new CallStopped(code));
  }

  /** The client does not want the answer any more. `said`: why, in its own words, which the server is told without the credentials that this agent holds. */
  cancel(said: string | null): void {
    this.#controller.abort(new CallStopped('cancelled', undefined, said === null ? null : this.#scrub.scrubText(said)));
  }

  /**
   * Answers with a result that is JSON already. What of it is not read yet counts as held. `onOver` is told, at once or later, how it went: read means
   * handed to the network whole.
   */
  sendResult(json: JsonPieces, onOver: (ending: AnswerEnding) => void = () => {}): void {
    const response = this.#response;
    if (!this.channel.sendResult(json)) return onOver('cut');
    const isSent = response.writableLength === 0 && (!this.#isInBatch || response.writableEnded);
    if (response.destroyed || isSent) return onOver('read');
    this.#hold?.addAnswer(this.#isInBatch ? countCharacters(json) : response.writableLength);
    const settle = () => {
      response.off('finish', settle).off('close', settle);
      onOver(response.writableFinished ? 'read' : wasCutOff(response.req.socket) ? 'cut' : 'left');
    };
    response.once('finish', settle).once('close', settle);
  }

  /** Calls `listener` when the request ends; there is one. */
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
  }

  end(): void {
    this.#onEnd?.();
    this.deadline.end();
    this.#response.off('close', this.#onClose);
    this.#work.removeCall(this);
  }
}

/** A governed request as it came, and the two sides of the client that made it. */
export interface RawCall extends Pick<IncomingCall, 'caller' | 'trail' | 'client' | 'relay'> {
  method: CallMethod;
  params: JsonObject;
}

/** Takes a governed request to its receipt and answers it. */
export async function runCall(
  deps: CallDeps,
  running: RunningRequest,
  { method, params, caller, trail, client, relay }: RawCall,
): Promise<void> {
  const { channel, signal, deadline, text } = running;
  try {
    const request = readCall(method, params);
    if (!request) {
      trail.end('request_malformed');
      return channel.sendError({ code: RpcCode.invalidParams, message: CALL_FORMS[method] });
    }
    const reply = await handleCall(deps, { caller, trail, request, client, relay, text, signal, deadline });
    if (reply.kind === 'result') {
      const { json, reasonCode } = reply;
      // an answer that is not read at once has its receipt when it is known how that ended
      running.sendResult(json, (ending) => reasonCode && trail.endAnswered(reasonCode, ending === 'cut'));
    } else if (reply.kind === 'error') channel.sendError(reply.error, getStatus(relay.era, reply.error));
    else channel.end();
  } finally {
    running.end();
  }
}

/** A request that is passed on without a receipt, because it moves no content. */
export interface ForwardedRequest extends Pick<IncomingCall, 'client' | 'relay'> {
  /** Holds itself to the limits of each server that it asks. Rejects with UpstreamFailure or its cause. */
  forward: (running: RunningRequest) => Promise<RpcAnswer>;
}

/** Passes a request on and answers it as its server does. */
export async function runForwarded(
  { log }: Pick<CallDeps, 'log'>,
  running: RunningRequest,
  { client, relay, forward }: ForwardedRequest,
): Promise<void> {
  const { channel, signal, text } = running;
  const { era } = relay;
  const fail = (error: RpcError) => channel.sendError(text.cleanError(error), getStatus(era, error));
  try {
    const answer = await forward(running);
    if ('result' in answer) return running.sendResult(text.write(relay.formatResult(answer.result)));
    const translated = translateError(answer.error, { era, capabilities: client.facts.capabilities });
    fail('error' in translated ? translated.error : { code: RpcCode.internal, message: translated.agentFailed });
  } catch (error) {
    const failure = toUpstreamFailure(error, signal);
    if (failure.code === 'cancelled') return channel.end();
    log.warn({ code: failure.code, reason: failure.message }, 'a request came to no result at its server');
    fail({ code: RpcCode.internal, message: failure.told });
  } finally {
    running.end();
  }
}

/** HTTP status of an error in an answer. The newer protocol gives one code a status of its own, also when a server says it. */
function getStatus(era: Era, { code }: RpcError): number {
  return era === 'modern' && code === RpcCode.missingCapability ? 400 : 200;
}
