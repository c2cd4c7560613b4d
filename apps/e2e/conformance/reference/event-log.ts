import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

interface Stored {
  id: string;
  streamId: string;
  message: JSONRPCMessage;
}

/** What one session has sent, in memory, so that a client which reconnects with Last-Event-ID gets what it missed. */
export class EventLog implements EventStore {
  readonly #events: Stored[] = [];

  storeEvent(streamId: string, message: JSONRPCMessage): Promise<string> {
    const id = `${streamId}/${this.#events.length}`;
    this.#events.push({ id, streamId, message });
    return Promise.resolve(id);
  }

  async replayEventsAfter(
    lastEventId: string,
    { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const from = this.#events.findIndex(({ id }) => id === lastEventId);
    const streamId = this.#events[from]?.streamId;
    if (streamId === undefined) throw new Error('unknown event id');
    for (const event of this.#events.slice(from + 1)) {
      // The first event of a stream carries no message; it only names the stream.
      if (event.streamId === streamId && Object.keys(event.message).length > 0) await send(event.id, event.message);
    }
    return streamId;
  }
}
