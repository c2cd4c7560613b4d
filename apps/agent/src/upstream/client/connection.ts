import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { UpstreamFailure } from '../failure.ts';

export type RpcId = string | number;

/** A message that a server sends of its own accord: without an id a notification, with one a request that wants an answer. */
export interface ServerMessage {
  method: string;
  params?: JsonObject;
  id?: RpcId;
}

/** The answer to a JSON-RPC request, exactly as it was sent. */
export type RpcAnswer = { result: JsonObject } | { error: { code: number; message: string; data?: unknown } };

/** One request to a server. `params._meta` is complete: what the era of the connection needs was put into it by `Upstream`. */
export interface ServerRequest {
  method: string;
  params: JsonObject;
  /** HTTP headers that repeat arguments (`Mcp-Param-…`); only the newer protocol over HTTP sends them */
  headers?: Readonly<Record<string, string>>;
  /** aborted when nobody waits any more: the server is told, in the way of its era */
  signal: AbortSignal;
  /**
   * Progress, log messages and the server's own requests that belong to this request, in their order, before its answer. Exact over HTTP,
   * where they come on the stream of the request. On a pipe by progress token; what has none belongs to the newest request under way or, when
   * several clients share the pipe, to the only one, and is dropped when there are more.
   */
  onMessage?: (message: ServerMessage) => void;
}

/** What this side says about the client that it speaks for. */
export interface ClientFacts {
  info: { name: string; version: string; title?: string };
  /** client capabilities as they are declared to the server; `{}` when nothing may be asked back */
  capabilities: JsonObject;
  /** it can be asked back in results alone, so a server of the older protocol is told that it cannot be asked */
  askedInResultsOnly?: boolean;
}

/** One initialised conversation with a server, whatever carries it. */
export interface Connection {
  readonly era: 'legacy' | 'modern';
  readonly protocolVersion: string;
  readonly serverInfo: { name: string; version: string; title?: string };
  readonly capabilities: JsonObject;
  readonly instructions: string | null;
  /** Resolves with the server's answer, an error included. Rejects with UpstreamFailure when there was none. */
  request(request: ServerRequest): Promise<RpcAnswer>;
  /** Resolves when the notification is written. */
  notify(method: string, params?: JsonObject): Promise<void>;
  /** Answers a request of the server. */
  answer(id: RpcId, answer: RpcAnswer): Promise<void>;
  /** Called once, when the other end is gone for good. */
  onLost(listener: (failure: UpstreamFailure) => void): void;
  close(): Promise<void>;
}
