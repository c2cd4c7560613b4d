import type { ServerMessage } from '../../wire/json-rpc.ts';

const INTERVAL_MS = 5_000;

/** Passes on at most one `list_changed` in 5 s for each list. The last one of a burst is passed on when the 5 s are over. */
export class ChangeGate {
  readonly #deliver: (message: ServerMessage) => void;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #again = new Map<string, ServerMessage>();

  constructor(deliver: (message: ServerMessage) => void) {
    this.#deliver = deliver;
  }

  take(message: ServerMessage): void {
    if (this.#timers.has(message.method)) this.#again.set(message.method, message);
    else this.#pass(message);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#again.clear();
  }

  #pass(message: ServerMessage): void {
    const { method } = message;
    const open = () => {
      this.#timers.delete(method);
      const again = this.#again.get(method);
      this.#again.delete(method);
      if (again) this.#pass(again);
    };
    this.#timers.set(method, setTimeout(open, INTERVAL_MS).unref());
    this.#deliver(message);
  }
}
