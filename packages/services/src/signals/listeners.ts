import type { Logger } from 'pino';

import { decodeSignals } from './message.ts';
import type { SignalListener } from './signals.ts';

/** The subscribers of one process: by tenant, and those who hear all. */
export class Listeners {
  readonly #byTenant = new Map<string, Set<SignalListener>>();
  readonly #all = new Set<SignalListener>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Returns whether this is the first listener of its filter. */
  add(tenantId: string | undefined, listener: SignalListener): boolean {
    const set = this.#getListeners(tenantId);
    set.add(listener);
    return set.size === 1;
  }

  /** Returns whether this was the last listener of its filter. */
  remove(tenantId: string | undefined, listener: SignalListener): boolean {
    const set = this.#getListeners(tenantId);
    const removed = set.delete(listener);
    if (set.size > 0) return false;
    if (tenantId !== undefined) this.#byTenant.delete(tenantId);
    return removed;
  }

  /** Gives the message's signals to those who listen to its tenant (`tenant`), to all tenants (`all`), or both. */
  deliver(text: string, to: 'tenant' | 'all' | 'both'): void {
    const signals = decodeSignals(text);
    if (!signals) {
      this.#log.warn({ bytes: text.length }, 'signal of unknown form dropped');
      return;
    }
    for (const signal of signals) {
      if (to !== 'all') this.#byTenant.get(signal.tenantId)?.forEach((listener) => listener(signal));
      if (to !== 'tenant') this.#all.forEach((listener) => listener(signal));
    }
  }

  clear(): void {
    this.#byTenant.clear();
    this.#all.clear();
  }

  #getListeners(tenantId: string | undefined): Set<SignalListener> {
    if (tenantId === undefined) return this.#all;
    const known = this.#byTenant.get(tenantId) ?? new Set<SignalListener>();
    this.#byTenant.set(tenantId, known);
    return known;
  }
}
