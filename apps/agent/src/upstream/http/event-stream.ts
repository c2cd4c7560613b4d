import type { Readable } from 'node:stream';

import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** Wait before a stream is opened again when its server sent no `retry`, milliseconds. */
export const DEFAULT_RETRY_MS = 1_000;
const SHORTEST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 60_000;

export interface StreamListener {
  /** return true to stop reading here */
  onEvent: (event: EventSourceMessage) => boolean;
  /** the stream's `retry`: how long to wait before it is opened again, kept between 0.1 s and 60 s; milliseconds */
  onRetry?: (milliseconds: number) => void;
  /** asked after each part of the stream: what is to be waited for before more of it is read; null: nothing */
  waitForReader?: (() => Promise<unknown> | null) | undefined;
}

/**
 * Reads an event stream to its end, or until `event` says stop. Resolves with whether it was stopped; then the rest is unread. Rejects with
 * the error of the stream.
 */
export async function readEvents(body: AsyncIterable<Buffer>, listener: StreamListener): Promise<boolean> {
  let stopped = false;
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent: (event) => {
      stopped ||= listener.onEvent(event);
    },
    onRetry: (milliseconds) => listener.onRetry?.(Math.min(LONGEST_RETRY_MS, Math.max(SHORTEST_RETRY_MS, milliseconds))),
  });
  const lines = new LineEnds();
  const chunks = body[Symbol.asyncIterator]();
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    parser.feed(lines.normalize(decoder.decode(next.value, { stream: true })));
    if (stopped) return true;
    await listener.waitForReader?.();
  }
  return stopped;
}

/** Lines end with LF, CR or both. The parser waits after a CR for what follows it, which may be the next event only: so it is given none. */
class LineEnds {
  #endedWithCr = false;

  normalize(text: string): string {
    const rest = this.#endedWithCr && text.startsWith('\n') ? text.slice(1) : text;
    if (text !== '') this.#endedWithCr = text.endsWith('\r');
    return rest.includes('\r') ? rest.replaceAll(/\r\n?/g, '\n') : rest;
  }
}

/** Destroys the body of an answer that is not read to its end, and ignores the error that this may cause. */
export function discard(body: Readable): void {
  body.on('error', () => undefined).destroy();
}
