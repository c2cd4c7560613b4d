import type { Logger } from 'pino';

import type { CurrentConfig } from '../config/current.ts';
import type { SiteSecrets } from '../secrets/site-secrets.ts';
import type { StdioEntries } from './stdio/stdio-entries.ts';

/** Why a server of the configuration is not used, and since when. */
export interface Withheld {
  reason: string;
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
 * The servers that cannot have their credential, or their sandbox, on this agent; the rest of the configuration is served. Looks again with every configuration
 * and every two seconds, so that a file that is put there or replaced is known without a restart.
 */
export class WithheldServers {
  readonly #options: WithheldServersOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  #withheld: ReadonlyMap<string, Withheld> = new Map();
  #looking: Promise<void> = Promise.resolve();
  #queued = 0;

  private constructor(options: WithheldServersOptions) {
    this.#options = options;
    this.#unsubscribe = options.current.onChange(() => void this.look());
    this.#timer = setInterval(() => this.#queued === 0 && void this.look(), options.everyMs ?? EVERY_MS).unref();
  }

  /** Resolves when every credential that the site offers is known. */
  static async open(options: WithheldServersOptions): Promise<WithheldServers> {
    const servers = new WithheldServers(options);
    await servers.look();
    return servers;
  }

  find(serverId: string): Withheld | null {
    return this.#withheld.get(serverId) ?? null;
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
    const { current, secrets, stdio, now, log } = this.#options;
    await secrets.refresh();
    const withheld = new Map<string, Withheld>();
    for (const server of current.get()?.snapshot.content.servers ?? []) {
      const reason = stdio.explain(server) ?? (await secrets.explain(server));
      if (reason === null) continue;
      const before = this.#withheld.get(server.id);
      withheld.set(server.id, before?.reason === reason ? before : { reason, at: now().toISOString() });
      if (before?.reason !== reason) log.warn({ server: server.slug, reason }, 'a server is withheld');
    }
    this.#withheld = withheld;
  }
}
