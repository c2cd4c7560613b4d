import type { Logger } from 'pino';

import type { CurrentConfig, Withheld } from '../config/current.ts';
import type { SiteSecrets } from '../secrets/site-secrets.ts';
import type { StdioEntries } from './stdio/stdio-entries.ts';

/** The same with the time since when, in ISO form. */
export interface WithheldSince extends Withheld {
  at: string;
}

export interface WithheldListOptions {
  current: CurrentConfig;
  secrets: SiteSecrets;
  stdio: Pick<StdioEntries, 'explain'>;
  now: () => Date;
  log: Logger;
  /** milliseconds between two looks at the credentials */
  everyMs?: number;
}

const EVERY_MS = 2_000;

/** Ends the log's message of what is withheld from now on. */
export const WITHHELD_NOTE = 'is withheld; the rest of the configuration is served';

/**
 * Everything that is withheld: what took itself out of the configuration, and the servers that cannot have their credential or their
 * sandbox on this agent. The rest is served. Looks again with every configuration and every two seconds, so that a file that is put there or
 * replaced is known without a restart.
 */
export class WithheldList {
  readonly #options: WithheldListOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  readonly #listeners = new Set<() => void>();
  /** those without a credential or a sandbox, by the last look */
  #unsupplied: ReadonlyMap<string, Withheld> = new Map();
  #withheld: ReadonlyMap<string, WithheldSince> = new Map();
  #looking: Promise<void> = Promise.resolve();
  #queued = 0;

  private constructor(options: WithheldListOptions) {
    this.#options = options;
    this.#unsubscribe = options.current.onChange(() => {
      this.#gather();
      void this.look();
    });
    this.#timer = setInterval(() => this.#queued === 0 && void this.look(), options.everyMs ?? EVERY_MS).unref();
  }

  /** Resolves when every credential that the site offers is known. */
  static async open(options: WithheldListOptions): Promise<WithheldList> {
    const servers = new WithheldList(options);
    await servers.look();
    return servers;
  }

  /** By the id of the server or profile. */
  list(): ReadonlyMap<string, WithheldSince> {
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
    const unsupplied = new Map<string, Withheld>();
    for (const server of current.get()?.compiled.serversById.values() ?? []) {
      const unconfined = stdio.explain(server);
      if (unconfined !== null) unsupplied.set(server.id, { kind: 'server', code: 'sandbox', reason: unconfined });
      const unbound = await secrets.explain(server);
      if (unbound !== null) unsupplied.set(server.id, { kind: 'server', code: 'credential', reason: unbound });
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
    const isKnown = (id: string, { reason }: Withheld): boolean => before.get(id)?.reason === reason;
    const news = [...found].filter(([id, withheld]) => !isKnown(id, withheld));
    if (news.length === 0 && found.size === before.size) return;
    const at = now().toISOString();
    this.#withheld = new Map(
      Array.from(found, ([id, withheld]) => [id, { ...withheld, at: (isKnown(id, withheld) && before.get(id)?.at) || at }]),
    );
    for (const [id, { kind, reason }] of news) {
      const name = config?.compiled.serversById.get(id)?.slug ?? id;
      log.warn({ [kind]: name, reason }, `a ${kind} ${WITHHELD_NOTE}`);
    }
    for (const listener of this.#listeners) listener();
  }
}
