import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { OnNoRoom } from '../../outbound/answer-bound.ts';
import type { RpcAnswer, RpcId, ServerMessage } from '../../wire/json-rpc.ts';
import type { Era } from '../../wire/protocol.ts';
import type { UpstreamFailure } from '../failure.ts';

/** One request to a server. `params._meta` is complete: it holds what the era of the connection needs. */
export interface McpRequest {
  method: string;
  params: JsonObject;
  /** HTTP headers that repeat arguments (`Mcp-Param-…`); only the newer protocol over HTTP sends them */
  headers?: Readonly<Record<string, string>>;
  /** Called when the server refused the headers that repeat arguments, before it took anything of the request. */
  onHeadersRefused?: () => void;
  /** aborted when nobody waits any more: the server is told, in the way of its era */
  signal: AbortSignal;
  /**
   * Progress, log messages and the server's own requests that belong to this request, in their order, before its answer. Exact over HTTP,
   * where they come on the stream of the request. On a pipe by progress token; what has none belongs to the newest request under way or, when
   * several clients share the pipe, to the only one, and is dropped when there are more.
   */
  onMessage?: (message: ServerMessage) => void;
  /** What is to be waited for before more messages come, where whoever reads them has enough; null: nothing. A pipe, which others use too, does not wait. */
  waitForReader?: (() => Promise<void> | null) | undefined;
  /** the answer waits for room in this agent: that time is not the server's */
  onNoRoom?: OnNoRoom | undefined;
}

/** What this side says about the client that it speaks for. */
export interface ClientFacts {
  info: { name: string; version: string; title?: string };
  /** client capabilities as they are declared to the server; `{}` when nothing may be asked back */
  capabilities: JsonObject;
}

/** What a server says about itself when it is connected to, and the era and version of the protocol that the connection speaks. */
export interface ServerFacts {
  era: Era;
  protocolVersion: string;
  serverInfo: { name: string; version: string; title?: string };
  capabilities: JsonObject;
  /** as it sent them, whatever they are; null when it sent none */
  instructions: unknown;
}

/** Who hears what a server says that is not for one request alone. */
export interface ServerListener {
  /** gets the messages that belong to no request under way */
  onMessage: (message: ServerMessage) => void;
  /** Told every notification that a list has changed, on whatever stream it came, before any is held back or dropped, and by its method alone. */
  onListChanged?: ((method: string) => void) | undefined;
}

/** Tells of a message that says that a list has changed; nothing of others. */
export function noteListChange({ onListChanged }: ServerListener, { method }: ServerMessage): void {
  if (isListChange(method)) onListChanged?.(method);
}

export function isListChange(method: string): boolean {
  return method.endsWith('/list_changed');
}

/** One initialised connection to a server, whatever its transport. */
export interface Connection {
  readonly server: ServerFacts;
  /** Resolves with the server's answer, an error included. Rejects with UpstreamFailure when there was none. */
  request(request: McpRequest): Promise<RpcAnswer>;
  /** Resolves when the notification is written. */
  notify(method: string, params?: JsonObject): Promise<void>;
  /** Answers a request of the server. */
  answer(id: RpcId, answer: RpcAnswer): Promise<void>;
  /** Called once, when the other end is gone for good. */
  onLost(listener: (failure: UpstreamFailure) => void): void;
  close(): Promise<void>;
}
