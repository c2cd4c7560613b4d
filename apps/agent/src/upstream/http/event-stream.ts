import { createParser, type EventSourceMessage } from 'eventsource-parser';

export interface StreamListener {
  /** return true to stop reading here */
  event: (event: EventSourceMessage) => boolean;
  /** the server says how long to wait before it is asked again, milliseconds */
  retry?: (milliseconds: number) => void;
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
      stopped ||= listener.event(event);
    },
    onRetry: listener.retry,
  });
  const chunks = body[Symbol.asyncIterator]();
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    parser.feed(decoder.decode(next.value, { stream: true }));
    if (stopped) return true;
  }
  return stopped;
}
