import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { UpstreamFailure } from '../failure.ts';

export interface PipeListener {
  /** one JSON text that the server sent */
  onMessage: (text: string) => void;
  /** called once, when nothing comes any more */
  onClosed: (failure: UpstreamFailure) => void;
}

/** A transport that carries the messages of all requests side by side: a child process, or the older HTTP+SSE. */
export interface Pipe {
  /** Rejects when it cannot be opened; then `closed` is not called. */
  open(listener: PipeListener, signal: AbortSignal): Promise<void>;
  send(message: JsonObject): Promise<void>;
  /** Reads nothing more of the server until then; what was read already still comes. `over` must not reject. */
  pauseUntil(over: Promise<void>): void;
  /** Resolves when nothing is left running. */
  close(): Promise<void>;
}
