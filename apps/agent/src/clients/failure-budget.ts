/** Bounds how many refused attempts of one address are answered and recorded in full. */
export class FailureBudget {
  readonly #readClock: () => number;
  readonly #perMinute: number;
  readonly #spent = new Map<string, { count: number; until: number }>();

  /** `readClock`: monotonic, milliseconds */
  constructor(readClock: () => number, perMinute = 60) {
    this.#readClock = readClock;
    this.#perMinute = perMinute;
  }

  /** Counts one failure; false when the address has had enough of them in this minute. */
  spend(remoteAddress: string): boolean {
    const now = this.#readClock();
    const address = getNetwork(remoteAddress);
    let entry = this.#spent.get(address);
    if (!entry || entry.until <= now) {
      this.#forget(now);
      entry = { count: 0, until: now + 60_000 };
      this.#spent.set(address, entry);
    }
    entry.count += 1;
    return entry.count <= this.#perMinute;
  }

  #forget(now: number): void {
    if (this.#spent.size < 10_000) return;
    for (const [address, { until }] of this.#spent) if (until <= now) this.#spent.delete(address);
    if (this.#spent.size >= 10_000) this.#spent.clear();
  }
}

/** One host owns a whole IPv6 network of 64 bits, so that is what is counted. */
function getNetwork(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const after = tail?.split(':').filter(Boolean) ?? [];
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length;
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':');
}
