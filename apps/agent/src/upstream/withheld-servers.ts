import type { Logger } from 'pino';

import type { CurrentConfig, WithheldServer } from '../config/current.ts';
import type { SiteSecrets } from '../secrets/site-secrets.ts';
import type { StdioEntries } from './stdio/stdio-entries.ts';

/** Why a server of the configuration is not used, and since when. */
export interface Withheld extends WithheldServer {
  /** ISO time */
  at: string;
}

export interface WithheldServersOptions {
  current: CurrentConfig;
  secrets: SiteSecrets;
  stdio: Pick<StdioEntries, 'explain'>;
  now: () => Date;
  log: Logger;
  /** milliseconds between two looks at the credentials */
  everyMs?: number;
}

const EVERY_MS = 2_000;

/**
 * All servers that are withheld: those that took themselves out of the configuration, and those that cannot have their credential or their
 * sandbox on this agent. The rest is served. Looks again with every configuration and every two seconds, so that a file that is put there or
 * replaced is known without a restart.
 */
export class WithheldServers {
  readonly #options: WithheldServersOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  readonly #listeners = new Set<() => void>();
  /** those without a credential or a sandbox, by the last look */
  #unsupplied: ReadonlyMap<string, WithheldServer> = new Map();
  #withheld: ReadonlyMap<string, Withheld> = new Map();
  #looking: Promise<void> = Promise.resolve();
  #queued = 0;

  private constructor(options: WithheldServersOptions) {
    this.#options = options;
    this.#unsubscribe = options.current.onChange(() => {
      this.#gather();
      void this.look();
    });
    this.#timer = setInterval(() => this.#queued === 0 && void this.look(), options.everyMs ?? EVERY_MS).unref();
  }

  /** Resolves when every credential that the site offers is known. */
  static async open(options: WithheldServersOptions): Promise<WithheldServers> {
    const servers = new WithheldServers(options);
    await servers.look();
    return servers;
  }

  /** By server id. */
  list(): ReadonlyMap<string, Withheld> {
    return this.#withheld;
  }

  /** Called after every change of the list. Returns the unsubscriber. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks anew, after what is under way. Never rejects. */
  look(): Promise<void> {
    this.#queued += 1;
    this.#looking = this.#looking
      .then(() => this.#look())
      .catch((error: unknown) => this.#options.log.error({ err: error }, 'the credentials of this site could not be looked at'))
      .finally(() => (this.#queued -= 1));
    return this.#looking;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#unsubscribe();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { current, secrets, stdio } = this.#options;
    await secrets.refresh();
    const unsupplied = new Map<string, WithheldServer>();
    for (const server of current.get()?.compiled.serversById.values() ?? []) {
      const unconfined = stdio.explain(server);
      if (unconfined !== null) unsupplied.set(server.id, { code: 'sandbox', reason: unconfined });
      const unbound = await secrets.explain(server);
      if (unbound !== null) unsupplied.set(server.id, { code: 'credential', reason: unbound });
    }
    this.#unsupplied = unsupplied;
    this.#gather();
  }

  /** What is known now, of the servers that are there now. */
  #gather(): void {
    const { current, now, log } = this.#options;
    const config = current.get();
    const unsupplied = [...this.#unsupplied].filter(([id]) => config?.compiled.serversById.has(id));
    const found = new Map([...unsupplied, ...(config?.withheld ?? [])]);
    const before = this.#withheld;
    const isKnown = (id: string, { reason }: WithheldServer): boolean => before.get(id)?.reason === reason;
    const news = [...found].filter(([id, server]) => !isKnown(id, server));
    if (news.length === 0 && found.size === before.size) return;
    const at = now().toISOString();
    this.#withheld = new Map(
      Array.from(found, ([id, server]) => [id, { ...server, at: (isKnown(id, server) && before.get(id)?.at) || at }]),
    );
    for (const [id, { reason }] of news) {
      const server = config?.compiled.serversById.get(id)?.slug ?? id;
      log.warn({ server, reason }, 'a server is withheld; the rest of the configuration is served');
    }
    for (const listener of this.#listeners) listener();
  }
}
