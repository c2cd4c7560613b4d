import type { JsonObject } from '@gatehouse/policy/documents/json';

import { OutboundRefused } from '../../outbound/address-policy.ts';
import { isEventStream } from '../../outbound/media-type.ts';
import type { OutboundAnswer } from '../../outbound/outbound.ts';
import { writeBody } from '../../wire/json-text.ts';
import { followSignal } from '../abort.ts';
import type { Pipe, PipeListener } from '../client/pipe.ts';
import { createServerClosedFailure, toUpstreamFailure, UpstreamFailure } from '../failure.ts';
import { readStatusFailure } from '../server-words.ts';
import { discard, readEvents } from './event-stream.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { toSessionFailure } from './session-end.ts';

/** HTTP+SSE of 2024-11-05: one GET stays open for everything from the server, which names the address for what goes to it. */
export class SsePipe implements Pipe {
  readonly #endpoint: HttpEndpoint;
  readonly #closing = new AbortController();
  #messages: URL | null = null;
  #held: Promise<void> | null = null;

  constructor(endpoint: HttpEndpoint) {
    this.#endpoint = endpoint;
  }

  async open(listener: PipeListener, signal: AbortSignal): Promise<void> {
    const { url, send } = this.#endpoint;
    signal.throwIfAborted();
    using _following = followSignal(signal, this.#closing);
    const headers = { accept: 'text/event-stream' };
    const response = await send(url, { method: 'GET', headers, signal: this.#closing.signal });
    if (response.status !== 200) throw await readStatusFailure(response);
    if (!isEventStream(response.headers['content-type'])) {
      response.body.discard();
      throw new UpstreamFailure('upstream_protocol', 'The server does not speak MCP: it answers with no event stream.');
    }
    this.#messages = await this.#listen(response, listener);
  }

  async send(message: JsonObject): Promise<void> {
    if (!this.#messages) throw createServerClosedFailure();
    const response = await this.#endpoint.send(this.#messages, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: writeBody(message),
      signal: this.#closing.signal,
    });
    if (response.status >= 400) throw toSessionFailure(await readStatusFailure(response), { inSession: true, accepted: false });
    await response.body.dump();
  }

  pauseUntil(over: Promise<void>): void {
    this.#held = Promise.all([this.#held, over]).then(() => undefined);
  }

  close(): Promise<void> {
    this.#closing.abort();
    return Promise.resolve();
  }

  /** Reads the stream to its end; resolves as soon as it has named the address for messages. */
  #listen(response: OutboundAnswer, listener: PipeListener): Promise<URL> {
    const { promise, resolve, reject } = Promise.withResolvers<URL>();
    let named = false;
    const stream = response.body.openStream();
    readEvents(stream, {
      waitForReader: () => {
        const held = this.#held;
        this.#held = null;
        return held;
      },
      onEvent: ({ event = 'message', data }) => {
        if (event === 'message' && named) listener.onMessage(data);
        if (event !== 'endpoint' || named) return false;
        named = true;
        try {
          resolve(this.#readAddress(data));
        } catch (error) {
          reject(error);
          return true;
        }
        return false;
      },
    })
      .then(
        () => createServerClosedFailure(),
        (error: unknown) => toUpstreamFailure(error, this.#closing.signal),
      )
      .then((failure) => {
        discard(stream);
        reject(failure);
        if (named) listener.onClosed(failure);
      })
      .catch((error: unknown) => this.#endpoint.log.error({ err: error }, 'a stream could not be ended'));
    return promise;
  }

  /** An address elsewhere would take the messages, and with them the arguments of calls, to somebody else. */
  #readAddress(text: string): URL {
    const { url } = this.#endpoint;
    const endpoint = URL.parse(text.trim(), url.href);
    if (endpoint?.origin !== url.origin || endpoint.username !== '' || endpoint.password !== '') {
      throw new OutboundRefused('The server asks for messages to be sent to another origin.');
    }
    return endpoint;
  }
}
