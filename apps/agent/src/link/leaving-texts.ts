import { readHostname } from '@gatehouse/network/hostname';
import { listTransportUrls, type SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { createRedactor, type Redactor } from '@gatehouse/redaction/redact';

import type { CurrentConfig } from '../config/current.ts';

/** Servers of orders whose hosts are remembered: of all that may be under way, and of those whose result is asked for again. */
const MAX_NAMED = 200;

/**
 * Takes personal data and credentials by their form out of texts before they leave the site. What the control plane itself has named is none: hosts of
 * the configuration and of orders stay, so that a reason says which server it is about.
 */
export class LeavingTexts {
  readonly #current: CurrentConfig;
  readonly #named = new Map<string, SnapshotServer>();
  #redactor: Redactor | null = null;

  constructor(current: CurrentConfig) {
    this.#current = current;
    current.onChange(() => (this.#redactor = null));
  }

  /** The control plane has asked about this server, which need not be in the configuration. */
  noteNamed(server: SnapshotServer): void {
    this.#named.set(server.id, server);
    const [oldest] = this.#named.keys();
    if (this.#named.size > MAX_NAMED && oldest !== undefined) this.#named.delete(oldest);
    this.#redactor = null;
  }

  redact(text: string): string {
    this.#redactor ??= createRedactor({ secrets: [], known: this.#listHosts() });
    return this.#redactor.redact(text).text;
  }

  #listHosts(): string[] {
    const servers = [...(this.#current.get()?.compiled.serversById.values() ?? []), ...this.#named.values()];
    return servers.flatMap(({ transport }) => listTransportUrls(transport).map(readHostname));
  }
}
