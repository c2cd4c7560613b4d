import { Client } from 'undici';

import { LEGACY_VERSION, MODERN_VERSION } from '../upstream/messages.ts';
import { ACCEPT, findAnswer, CLIENT_INFO, readEcho, readToolNames, type Caller, type Endpoint } from './caller.ts';

interface Reply {
  status: number;
  session: string | null;
  answer: object | null;
}

/** One keep-alive connection to a Streamable HTTP endpoint. */
class Line {
  readonly #client: Client;
  readonly #path: string;
  readonly #headers: Record<string, string>;
  #lastId = 0;

  constructor({ url, headers }: Endpoint) {
    const { origin, pathname } = new URL(url);
    this.#client = new Client(origin, { keepAliveTimeout: 60_000 });
    this.#path = pathname;
    this.#headers = { ...ACCEPT, ...headers };
  }

  /** A request. Rejects when the connection breaks or the body is not JSON. */
  async ask(method: string, params: object, headers: Record<string, string>): Promise<Reply> {
    const id = (this.#lastId += 1);
    return this.#post({ jsonrpc: '2.0', id, method, params }, id, headers);
  }

  async notify(method: string, headers: Record<string, string>): Promise<void> {
    await this.#post({ jsonrpc: '2.0', method }, null, headers);
  }

  /** Ends a session. A server may refuse that; the session is then its own affair. */
  async endSession(headers: Record<string, string>): Promise<void> {
    const response = await this.#client.request({
      method: 'DELETE',
      path: this.#path,
      headers: { ...this.#headers, ...headers },
    });
    await response.body.dump();
  }

  close(): Promise<void> {
    return this.#client.destroy();
  }

  async #post(message: object, id: number | null, headers: Record<string, string>): Promise<Reply> {
    const response = await this.#client.request({
      method: 'POST',
      path: this.#path,
      headers: { ...this.#headers, ...headers },
      body: JSON.stringify(message),
    });
    const body = await response.body.text();
    const session = response.headers['mcp-session-id'];
    const type = String(response.headers['content-type'] ?? '');
    return {
      status: response.statusCode,
      session: typeof session === 'string' ? session : null,
      answer: id === null || body === '' || response.statusCode !== 200 ? null : findAnswer(type, body, id),
    };
  }
}

/** Opens a session (2025-11-25) on a connection of its own. */
export async function openLegacy(endpoint: Endpoint): Promise<Caller> {
  const line = new Line(endpoint);
  try {
    const headers = await initialise(line);
    return {
      listTools: async () => readToolNames((await line.ask('tools/list', {}, headers)).answer),
      call: async (name, text) => readEcho((await line.ask('tools/call', { name, arguments: { text } }, headers)).answer),
      close: async () => {
        if (headers['mcp-session-id'] !== undefined) await line.endSession(headers).catch(() => undefined);
        await line.close();
      },
      drop: () => line.close(),
    };
  } catch (error) {
    await line.close();
    throw error;
  }
}

/** The headers of the session. */
async function initialise(line: Line): Promise<Record<string, string>> {
  const params = { protocolVersion: LEGACY_VERSION, capabilities: {}, clientInfo: CLIENT_INFO };
  const { status, session, answer } = await line.ask('initialize', params, {});
  if (!answer || !('result' in answer)) throw new Error(`initialize was answered with ${status}.`);
  const headers: Record<string, string> = { 'mcp-protocol-version': LEGACY_VERSION };
  if (session !== null) headers['mcp-session-id'] = session;
  await line.notify('notifications/initialized', headers);
  return headers;
}

const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
};

/** A client of 2026-07-28: nothing to open, everything in every request. */
export function openModern(endpoint: Endpoint): Promise<Caller> {
  const line = new Line(endpoint);
  const headersOf = (method: string) => ({ 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': method });
  const callHeaders = headersOf('tools/call');
  return Promise.resolve({
    listTools: async () => readToolNames((await line.ask('tools/list', { _meta: META }, headersOf('tools/list'))).answer),
    call: async (name, text) => {
      const params = { name, arguments: { text }, _meta: META };
      return readEcho((await line.ask('tools/call', params, { ...callHeaders, 'mcp-name': name })).answer);
    },
    close: () => line.close(),
    drop: () => line.close(),
  });
}
