import { createParser } from 'eventsource-parser';

/** How a client speaks: sessions over Streamable HTTP, the stateless revision, or the oldest transport with its one long stream. */
export type Wire = 'legacy' | 'modern' | 'sse';

/** What is called. */
export interface Endpoint {
  url: string;
  /** sent with every request */
  headers: Readonly<Record<string, string>>;
}

/** One client with one connection. It has one call under way at a time. */
export interface Caller {
  /** The advertised names of the tools. Rejects when the endpoint does not answer as the wire demands. */
  listTools(): Promise<string[]>;
  /** Resolves with the text that came back; null for everything that is not a success of this very call. */
  call(tool: string, text: string): Promise<string | null>;
  /** Ends the session, if there is one, and the connection. */
  close(): Promise<void>;
  /** Goes away without a word. */
  drop(): Promise<void>;
}

export const ACCEPT = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
export const CLIENT_INFO = { name: 'gatehouse-bench', version: '1.0.0' };

/** The answer to `id` in the body of a response; null when it is not there. */
export function findAnswer(contentType: string, body: string, id: number): object | null {
  if (!contentType.startsWith('text/event-stream')) return matchAnswer(JSON.parse(body), id);
  let answer: object | null = null;
  const parser = createParser({ onEvent: ({ data }) => (answer ??= data === '' ? null : matchAnswer(JSON.parse(data), id)) });
  parser.feed(body);
  return answer;
}

/** The message, if it is the answer to the request of this id. */
export function matchAnswer(message: unknown, id: number): object | null {
  if (typeof message !== 'object' || message === null || !('id' in message)) return null;
  return message.id === id && !('method' in message) ? message : null;
}

/** The text of the first block of a successful tools/call answer; null otherwise. */
export function readEcho(answer: object | null): string | null {
  const result = readResult(answer);
  if (!result || ('isError' in result && result.isError === true) || !('content' in result)) return null;
  const block: unknown = Array.isArray(result.content) ? result.content[0] : null;
  if (typeof block !== 'object' || block === null || !('text' in block)) return null;
  return typeof block.text === 'string' ? block.text : null;
}

/** Tool names of a tools/list answer. Throws when it is none. */
export function readToolNames(answer: object | null): string[] {
  const result = readResult(answer);
  const tools: unknown = result && 'tools' in result ? result.tools : null;
  if (!Array.isArray(tools)) throw new Error('The answer to tools/list holds no tools.');
  return tools.map((tool: unknown) => (typeof tool === 'object' && tool !== null && 'name' in tool ? String(tool.name) : ''));
}

function readResult(answer: object | null): object | null {
  if (!answer || !('result' in answer)) return null;
  return typeof answer.result === 'object' ? answer.result : null;
}
