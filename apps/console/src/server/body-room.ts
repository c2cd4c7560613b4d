import { CONSOLE_LIMITS } from './limits.ts';

/**
 * Room for large bodies on their way. Each is held in memory until it is whole, so one network and all together have so much of it. Small
 * bodies need none: the number of connections bounds them.
 */
export class BodyRoom {
  readonly #taken = new Map<string, number>();
  #all = 0;

  /** Returns what gives the room back; null when there is none. */
  take(network: string, bytes: number): (() => void) | null {
    const { smallBodyBytes, bodyBytesPerNetwork, bodyBytes } = CONSOLE_LIMITS;
    if (bytes <= smallBodyBytes) return () => {};
    const taken = (this.#taken.get(network) ?? 0) + bytes;
    if (taken > bodyBytesPerNetwork || this.#all + bytes > bodyBytes) return null;
    this.#taken.set(network, taken);
    this.#all += bytes;
    return () => {
      this.#all -= bytes;
      const left = (this.#taken.get(network) ?? bytes) - bytes;
      if (left === 0) this.#taken.delete(network);
      else this.#taken.set(network, left);
    };
  }
}
