import { Agent, request as httpRequest } from 'node:http';

import { nameHonest } from './answers.ts';
import { listFields, plantAll, type Sent } from './fields.ts';
import type { Ledger } from './ledger.ts';
import type { Secret } from './secrets.ts';
import { toHeaderText } from './server.ts';

const REVISION = '2025-11-25';
const MODERN = '2026-07-28';
const META = 'io.modelcontextprotocol/';

interface Sending {
  path?: string;
  headers?: Record<string, string>;
  body: string;
  /** is told of every message of a stream */
  onMessage?: (message: { id?: unknown; method?: string }) => void;
}

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

/** Clients of a profile, in all of whose requests one secret stands. A field counts as planted once the agent has answered the request. */
export class PlantedClient {
  readonly #endpoint: { origin: string; path: string; key: string };
  readonly #secret: Secret;
  readonly #which: number;
  readonly #ledger: Ledger;
  readonly #sockets = new Agent({ keepAlive: true });
  #session: Record<string, string> = {};
  /** what the agent has answered, for whoever wants to see it */
  readonly answers: string[] = [];

  constructor(endpoint: { origin: string; path: string; key: string }, secret: Secret, which: number, ledger: Ledger) {
    this.#endpoint = endpoint;
    this.#secret = secret;
    this.#which = which;
    this.#ledger = ledger;
  }

  /** Says everything that a client can say, in the older protocol and in the newer one. */
  async sayAll(): Promise<void> {
    await this.#openSession();
    await this.#callTools();
    await this.#useOthers();
    await this.#sayOddThings();
    await this.#sayModern();
    this.#sockets.destroy();
  }

  async #openSession(): Promise<void> {
    const clientInfo = { name: 'client', version: '1' };
    const params = { protocolVersion: REVISION, capabilities: { elicitation: {}, sampling: {} }, clientInfo };
    const hello = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
    await this.#say('helloRevision', hello);
    const headers = this.#listHeaders('clientHeaders');
    const { headers: got } = await this.#say('hello', hello, { headers });
    this.#ledger.note(this.#which, ['clientHeaders']);
    this.#session = { 'mcp-session-id': String(got['mcp-session-id']), 'mcp-protocol-version': REVISION };
  }

  async #callTools(): Promise<void> {
    const { tool } = nameHonest(this.#which);
    const call = (way: string) => ({ ...request('tools/call', { name: tool, arguments: { way } }) });
    for (const way of ['result', 'tool_error', 'error', 'httpError', 'result', 'redirect', 'result', 'noMcp'])
      await this.#say('call', call(way));
    await this.#say('undeclared', call('result'));
    await this.#say('unknownTool', call('result'));
    await this.#say('call', call('stream'), { onMessage: (message) => this.#answerQuestion(message) });
    await Promise.all(this.#questions.splice(0));
  }

  readonly #questions: Promise<unknown>[] = [];

  #answerQuestion({ id, method }: { id?: unknown; method?: string }): void {
    if (id === undefined || method === undefined) return;
    const isForm = method === 'elicitation/create';
    const base = isForm ? { result: { action: 'accept', content: {} } } : { error: { code: -1 } };
    this.#questions.push(this.#say(isForm ? 'answer' : 'refusal', { jsonrpc: '2.0', id, ...base }));
  }

  async #useOthers(): Promise<void> {
    const { prompt, template } = nameHonest(this.#which);
    await this.#say('promptCall', request('prompts/get', { name: prompt, arguments: {} }));
    await this.#say('unknownPrompt', request('prompts/get', { arguments: {} }));
    await this.#say('read', request('resources/read', {}));
    const address = template.replace('{form}', encodeURIComponent(this.#secret.write(listFields('read')[0]?.number ?? 0)));
    await this.#send({ body: JSON.stringify(request('resources/read', { uri: address })) });
    const ref = { type: 'ref/prompt', name: prompt };
    const completion = { ref, argument: { name: 'form' }, context: { arguments: {} } };
    await this.#say('completionCall', request('completion/complete', completion));
    const value = {
      ...completion,
      argument: { name: 'form', value: this.#secret.write(listFields('completionCall')[0]?.number ?? 0) },
    };
    await this.#send({ body: JSON.stringify(request('completion/complete', value)) });
  }

  async #sayOddThings(): Promise<void> {
    await this.#say('unknownMethod', request('x', {}));
    await this.#say('logLevel', request('logging/setLevel', {}));
    await this.#say('notification', { jsonrpc: '2.0', method: 'notifications/cancelled', params: {} });
    const [noJson] = listFields('noJson');
    await this.#send({ body: `{"jsonrpc": "2.0", ${this.#secret.write(noJson?.number ?? 0)}` });
    this.#ledger.note(this.#which, ['noJson']);
    for (const { place, number } of listFields('clientAddress')) {
      const text = this.#secret.write(number);
      const header = /^\/headers\/(.*)$/.exec(place)?.[1];
      const path =
        place === '/profile' ? `/p/${encodeURIComponent(text)}/mcp` : `${this.#endpoint.path}?said=${encodeURIComponent(text)}`;
      const body = JSON.stringify(request('tools/list', {}));
      await this.#send(header === undefined ? { path, body } : { headers: { [header]: toHeaderText(text) }, body });
    }
    this.#ledger.note(this.#which, ['clientAddress']);
  }

  /** The newer protocol: everything about the client is in every request. */
  async #sayModern(): Promise<void> {
    const base = { clientInfo: { name: 'client', version: '1' }, clientCapabilities: { elicitation: {} } };
    const { clientInfo, clientCapabilities, ...rest } = plantAll(base, 'modernHello', (field) => this.#secret.write(field));
    const _meta = {
      ...rest,
      [`${META}protocolVersion`]: MODERN,
      [`${META}clientInfo`]: clientInfo,
      [`${META}clientCapabilities`]: clientCapabilities,
    };
    this.#session = {};
    const { tool } = nameHonest(this.#which);
    for (const name of [tool, 'no_such_tool']) {
      const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': name };
      await this.#send({ headers, body: JSON.stringify(request('tools/call', { name, arguments: { way: 'result' }, _meta })) });
    }
    this.#ledger.note(this.#which, ['modernHello']);
  }

  #listHeaders(sent: Sent): Record<string, string> {
    const named = listFields(sent).map(({ place, number }) => [
      place.slice('/headers/'.length),
      toHeaderText(this.#secret.write(number)),
    ]);
    return Object.fromEntries(named) as Record<string, string>;
  }

  async #say(sent: Sent, base: object, how: Omit<Sending, 'body'> = {}): Promise<Answer> {
    const body = JSON.stringify(plantAll(base, sent, (field) => this.#secret.write(field)));
    const answer = await this.#send({ ...how, body });
    this.#ledger.note(this.#which, [sent]);
    return answer;
  }

  #send({ path = this.#endpoint.path, headers = {}, body, onMessage }: Sending): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const own = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${this.#endpoint.key}`,
      ...this.#session,
      ...headers,
    };
    const sending = httpRequest(
      this.#endpoint.origin + path,
      { method: 'POST', headers: own, agent: this.#sockets },
      (answer) => {
        let [text, read] = ['', 0];
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part;
          for (let end = text.indexOf('\n\n', read); end >= 0; end = text.indexOf('\n\n', read)) {
            const data = /^data: ?(\{.*)$/m.exec(text.slice(read, end))?.[1];
            if (data !== undefined) onMessage?.(JSON.parse(data) as { id?: unknown; method?: string });
            read = end + 2;
          }
        });
        answer.once('error', reject);
        answer.once('end', () => {
          this.answers.push(text);
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
      },
    );
    sending.once('error', reject);
    sending.end(body);
    return promise;
  }
}

function request(method: string, params: object): { jsonrpc: '2.0'; id: number; method: string; params: object } {
  return { jsonrpc: '2.0', id: 2, method, params };
}
