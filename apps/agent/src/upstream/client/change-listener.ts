import type { Logger } from 'pino';

import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { Backoff } from '@gatehouse/process/backoff';

import type { ServerMessage } from '../../wire/json-rpc.ts';
import { META, METHOD, NOTIFICATION } from '../../wire/protocol.ts';
import type { Connection } from './connection.ts';

export interface ListenerOptions {
  connection: Connection;
  /** `_meta` of a request that the agent makes for no client in particular */
  meta: JsonObject;
  /** the resources that are subscribed to */
  listUris: () => string[];
  onMessage: (message: ServerMessage) => void;
  /** the stream is back after it was gone: changes may have been missed */
  onResumed: () => void;
  log: Logger;
}

/** Keeps one `subscriptions/listen` open for the lists of a server and the resources that somebody subscribed to. */
export class ChangeListener {
  readonly #options: ListenerOptions;
  readonly #closing = new AbortController();
  #round = new AbortController();
  #wake: (() => void) | null = null;

  /** Begins to listen at once. */
  constructor(options: ListenerOptions) {
    this.#options = options;
    void this.#run();
  }

  /** The subscriptions have changed: listens again, for the new ones. */
  refresh(): void {
    this.#round.abort(REFRESHED);
    this.#wake?.();
  }

  close(): void {
    this.#closing.abort();
    this.refresh();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { onResumed, log } = this.#options;
    const backoff = new Backoff({ baseMs: 1_000, capMs: 60_000 });
    for (let round = 0; !signal.aborted; round += 1) {
      this.#round = new AbortController();
      const wanted = this.#listWanted();
      if (!wanted) {
        await this.#sleep(null);
        continue;
      }
      let heard = false;
      const onHeard = () => {
        if (!heard && round > 0) onResumed();
        heard = true;
        backoff.reset();
      };
      let refused = false;
      try {
        refused = await this.#listen(wanted, onHeard);
      } catch (error) {
        if (this.#round.signal.reason === REFRESHED) continue;
        log.debug({ err: error }, 'the subscription to changes of a server broke');
      }
      await this.#sleep(refused ? null : backoff.takeDelay());
    }
  }

  /** Resolves when the server has ended the stream; true when it does not offer one. */
  async #listen(notifications: JsonObject, onHeard: () => void): Promise<boolean> {
    const { connection, meta, onMessage } = this.#options;
    const answer = await connection.request({
      method: METHOD.listen,
      params: { notifications, _meta: meta },
      signal: this.#round.signal,
      onMessage: (message) => {
        onHeard();
        if (message.method !== NOTIFICATION.subscriptionsAcknowledged) onMessage(dropSubscriptionId(message));
      },
    });
    return 'error' in answer;
  }

  #listWanted(): JsonObject | null {
    const { connection, listUris } = this.#options;
    const offers = (list: string) => {
      const capability = connection.server.capabilities[list];
      return isJsonObject(capability) && capability['listChanged'] === true;
    };
    const wanted = {
      ...(offers('tools') && { toolsListChanged: true }),
      ...(offers('prompts') && { promptsListChanged: true }),
      ...(offers('resources') && { resourcesListChanged: true }),
      ...(listUris().length > 0 && { resourceSubscriptions: listUris() }),
    };
    return Object.keys(wanted).length > 0 ? wanted : null;
  }

  /** Waits for that time, or without an end when null; a refresh ends the wait. */
  async #sleep(milliseconds: number | null): Promise<void> {
    if (this.#round.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = milliseconds === null ? undefined : setTimeout(resolve, milliseconds).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}

const REFRESHED = new Error('something else is listened for');

/** The message without the subscription id, which means something only between the server and the agent. */
function dropSubscriptionId({ method, params }: ServerMessage): ServerMessage {
  const { _meta: meta, ...rest } = params ?? {};
  if (!isJsonObject(meta)) return { method, params: rest };
  const { [META.subscriptionId]: _id, ...others } = meta;
  return { method, params: Object.keys(others).length > 0 ? { ...rest, _meta: others } : rest };
}
