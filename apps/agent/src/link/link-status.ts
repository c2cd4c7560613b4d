/** What a status page says about the connection. */
export interface LinkState {
  phase: 'waiting' | 'connecting' | 'connected' | 'stopped';
  since: string;
  /** why it is not connected; null when it is, or was never refused */
  error: string | null;
  /** this machine's clock minus the hub's, when the hub last told its time */
  clockSkewMs: number | null;
}

/** How the connection to the hub is, and who is told when that changes. */
export class LinkStatus {
  readonly #now: () => Date;
  readonly #listeners = new Set<() => void>();
  #state: LinkState;

  constructor(now: () => Date) {
    this.#now = now;
    this.#state = { phase: 'waiting', since: now().toISOString(), error: null, clockSkewMs: null };
  }

  get(): LinkState {
    return this.#state;
  }

  /** Called after every change of the phase. Returns the unsubscriber. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  enter(phase: LinkState['phase'], error: string | null): void {
    this.#state = { ...this.#state, phase, since: this.#now().toISOString(), error };
    for (const listener of this.#listeners) listener();
  }

  /** Compares the clocks. */
  noteTime(serverTime: string): void {
    this.#state = { ...this.#state, clockSkewMs: this.#now().getTime() - Date.parse(serverTime) };
  }
}
