import { Client } from 'pg';
import type { Logger } from 'pino';

import { Backoff } from '@gatehouse/process/backoff';

import { Listeners } from './listeners.ts';
import { encodeSignals } from './message.ts';
import type { Signals } from './signals.ts';

const CHANNEL = 'gatehouse_signals';
const RETRY = { baseMs: 200, capMs: 10_000 };

/**
 * Signals over LISTEN/NOTIFY on one own connection. Rejects when the first connection fails; a later loss is mended with jittered
 * backoff for as long as the signals are open.
 */
export async function openPostgresSignals(options: { url: string; log: Logger }): Promise<Signals> {
  const listeners = new Listeners(options.log);
  const connection = new ListenConnection(options.url, options.log, (text) => listeners.deliver(text, 'both'));
  await connection.open();
  return {
    subscribe({ tenantId }, listener) {
      listeners.add(tenantId, listener);
      return () => void listeners.remove(tenantId, listener);
    },
    async publishInTransaction(tx, signals) {
      const [first] = signals;
      if (!first) return;
      await tx.$executeRaw`select pg_notify(${CHANNEL}, ${encodeSignals(first.tenantId, signals)})`;
    },
    async publishAfterCommit() {},
    async close() {
      listeners.clear();
      await connection.close();
    },
  };
}

class ListenConnection {
  readonly #url: string;
  readonly #log: Logger;
  readonly #onText: (text: string) => void;
  #client: Client | null = null;
  #opening: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  readonly #backoff = new Backoff(RETRY);
  #closed = false;

  constructor(url: string, log: Logger, onText: (text: string) => void) {
    this.#url = url;
    this.#log = log;
    this.#onText = onText;
  }

  /** Settles once the connection listens. */
  open(): Promise<void> {
    this.#opening = this.#connect().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    await this.#opening?.catch(() => this.#log.debug('signal connection closed while it was opening'));
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  async #connect(): Promise<void> {
    const client = new Client({
      connectionString: this.#url,
      application_name: 'gatehouse-signals',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    client.on('notification', ({ payload }) => this.#onText(payload ?? ''));
    client.on('error', (error) => this.#log.warn({ err: error }, 'signal connection failed'));
    client.on('end', () => this.#handleLoss(client));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      this.#client = client;
      this.#backoff.reset();
    } catch (error) {
      await client.end().catch((cause: unknown) => this.#log.debug({ err: cause }, 'signal connection was gone already'));
      throw error;
    }
  }

  #handleLoss(client: Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.open().then(
        () => this.#log.info('signal connection is back'),
        (error: unknown) => {
          this.#log.warn({ err: error }, 'signal connection is still away');
          this.#retryLater();
        },
      );
    }, this.#backoff.takeDelay());
  }
}
