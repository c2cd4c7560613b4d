import { createParser } from 'eventsource-parser';
import { Client } from 'undici';

import { ACCEPT, CLIENT_INFO, readEcho, matchAnswer, readToolNames, type Caller, type Endpoint } from './caller.ts';

/** The oldest transport: answers come on one long stream, requests are POSTs to the address that its first event names. */
export async function openHttpSse({ url, headers }: Endpoint): Promise<Caller> {
  const { origin, pathname } = new URL(url);
  const client = new Client(origin, { keepAliveTimeout: 60_000 });
  const listener = new Client(origin, { bodyTimeout: 0 });
  const inbox = new Inbox();
  const close = async () => {
    await Promise.all([client.destroy(), listener.destroy()]);
  };
  try {
    const stream = await listener.request({
      method: 'GET',
      path: pathname,
      headers: { ...headers, accept: 'text/event-stream' },
    });
    if (stream.statusCode !== 200) throw new Error(`The stream was answered with ${stream.statusCode}.`);
    stream.body.setEncoding('utf8').on('data', (chunk: string) => inbox.feed(chunk));
    stream.body.once('error', (error) => inbox.fail(error));
    const path = new URL(await inbox.address, url);
    const ask = (method: string, params: object) =>
      inbox.expect(async (id) => {
        const body = JSON.stringify({ jsonrpc: '2.0', id: id ?? undefined, method, params });
        const posted = await client.request({
          method: 'POST',
          path: path.pathname + path.search,
          headers: { ...ACCEPT, ...headers },
          body,
        });
        await posted.body.dump();
        if (posted.statusCode >= 300) throw new Error(`A message was answered with ${posted.statusCode}.`);
      });
    await ask('initialize', { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: CLIENT_INFO });
    return {
      listTools: async () => readToolNames(await ask('tools/list', {})),
      call: async (name, text) => readEcho(await ask('tools/call', { name, arguments: { text } })),
      close,
      drop: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Takes the stream apart and gives each answer to the request that waits for it. */
class Inbox {
  readonly #address = Promise.withResolvers<string>();
  readonly #waiting = new Map<number, { resolve: (answer: object) => void; reject: (error: Error) => void }>();
  #lastId = 0;
  readonly #parser = createParser({
    onEvent: ({ event, data }) => (event === 'endpoint' ? this.#address.resolve(data) : this.#take(JSON.parse(data))),
  });

  /** What the first event names. */
  get address(): Promise<string> {
    return this.#address.promise;
  }

  feed(chunk: string): void {
    this.#parser.feed(chunk);
  }

  fail(error: Error): void {
    this.#address.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
  }

  /** Sends a request under a new id and resolves with its answer. */
  async expect(send: (id: number) => Promise<void>): Promise<object> {
    const id = (this.#lastId += 1);
    const answer = Promise.withResolvers<object>();
    this.#waiting.set(id, answer);
    // when sending fails, that is what is reported
    answer.promise.catch(() => undefined);
    try {
      await send(id);
      return await answer.promise;
    } finally {
      this.#waiting.delete(id);
    }
  }

  #take(message: unknown): void {
    for (const [id, { resolve }] of this.#waiting) {
      const answer = matchAnswer(message, id);
      if (answer) resolve(answer);
    }
  }
}
