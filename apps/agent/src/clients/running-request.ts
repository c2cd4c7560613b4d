import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';

import { Deadline } from '../call/deadline.ts';
import { CallStopped } from '../upstream/failure.ts';
import type { ClientRequest } from '../wire/client-message.ts';
import { getMeta } from '../wire/meta.ts';
import type { AdmittedRequest, EndpointDeps } from './endpoint.ts';
import type { OpenWork, Stoppable } from './open-work.ts';
import { acceptsStream, ReplyChannel } from './reply-channel.ts';

/** A request of a client from its start to its answer: the way back, what may stop it, and its time limit. Always call `end`. */
export class RunningRequest implements Stoppable {
  readonly key: SnapshotClientKey;
  readonly channel: ReplyChannel;
  readonly deadline: Deadline;
  /** under which the client wants to hear of progress; undefined: it does not */
  readonly progressToken: unknown;
  readonly #work: OpenWork;
  readonly #response: AdmittedRequest['response'];
  readonly #controller = new AbortController();
  readonly #onClose = () => this.stop('cancelled');
  #onEnd: (() => void) | null = null;

  constructor({ work, deadlineMs }: EndpointDeps, { request, response, caller }: AdmittedRequest, { id, params }: ClientRequest) {
    this.key = caller.key;
    this.progressToken = getMeta(params)['progressToken'];
    this.channel = new ReplyChannel(response, id, acceptsStream(request));
    this.deadline = new Deadline(deadlineMs, () => this.stop('upstream_timeout'));
    this.#work = work;
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

  stop(code: CallStopped['code']): void {
    this.#controller.abort(new CallStopped(code));
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
