/** Processes of a stdio entry at one time when its entry in the guardrails does not say. */
export const PROCESS_LIMIT = 16;

/** Counts the processes of each stdio entry, whichever server they belong to. */
export class ProcessSlots {
  readonly #used = new Map<string, number>();

  /** Takes one place; null when there is none. The returned function gives it back, once. */
  take(entry: string, most: number): (() => void) | null {
    const used = this.#used.get(entry) ?? 0;
    if (used >= most) return null;
    this.#used.set(entry, used + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.#used.get(entry) ?? 1) - 1;
      if (left === 0) this.#used.delete(entry);
      else this.#used.set(entry, left);
    };
  }
}
