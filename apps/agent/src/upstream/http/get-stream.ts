import { setTimeout as delay } from 'node:timers/promises';

import type { Logger } from 'pino';

import { Backoff } from '@gatehouse/process/backoff';

import { isEventStream } from '../../outbound/media-type.ts';
import type { OutboundAnswer } from '../../outbound/outbound.ts';
import type { ServerMessage } from '../../wire/json-rpc.ts';
import { readMessages } from '../../wire/json-rpc.ts';
import { limitRate } from '../client/flood-gate.ts';
import { DEFAULT_RETRY_MS, readEvents } from './event-stream.ts';

/** After so many messages in a second the rest is read in the next one. */
const MOST_PER_SECOND = 1_000;
const PAUSE_MS = 1_000;

export interface GetStreamOptions {
  /** sends the GET, from the last seen event on */
  open: (lastEventId: string | null) => Promise<OutboundAnswer>;
  onMessage: (message: ServerMessage) => void;
  /** the end of the connection */
  signal: AbortSignal;
  log: Logger;
}

/**
 * Listens for what a server of the older protocol sends outside of any request, and takes the stream up again when it ends. Resolves when the
 * server offers no such stream or the connection is over. Never rejects.
 */
export async function keepListening({ open, onMessage, signal, log }: GetStreamOptions): Promise<void> {
  let lastEventId: string | null = null;
  let retryMs: number | null = null;
  const isOver = limitRate(MOST_PER_SECOND);
  let isTooFast = false;
  const backoff = new Backoff({ baseMs: DEFAULT_RETRY_MS, capMs: 60_000 });
  while (!signal.aborted) {
    try {
      const response = await open(lastEventId);
      if (response.status >= 400 && response.status < 500) return await response.body.dump();
      const isStream = response.status === 200 && isEventStream(response.headers['content-type']);
      if (!isStream) await response.body.dump();
      else {
        await readEvents(response.body.openStream(), {
          onEvent: ({ id, data }) => {
            if (id !== undefined && id !== '') lastEventId = id;
            backoff.reset();
            for (const incoming of readMessages(data)) {
              if (incoming.kind !== 'message') continue;
              const { message } = incoming;
              // changes are told as one; questions wait for nothing
              if (message.id === undefined && !message.method.endsWith('/list_changed')) isTooFast = isOver();
              onMessage(message);
            }
            return false;
          },
          onRetry: (milliseconds) => {
            retryMs = milliseconds;
          },
          waitForReader: () => (isTooFast ? delay(PAUSE_MS, undefined, { signal, ref: false }) : null),
        });
      }
    } catch (error) {
      if (!signal.aborted) log.debug({ err: error }, 'the stream of a server broke');
    }
    await delay(backoff.takeDelay(retryMs), undefined, { signal, ref: false }).catch(() => undefined);
  }
}
