/** What the hub knows about the configuration of one connected agent. */
export class ConfigState {
  /** newest version that the agent has applied or refused; null until it has said what it serves */
  #settled: number | null = null;
  #outstanding: { nonce: string; version: number; sentAt: number } | null = null;

  /** False until the agent has said what it serves: before that it can be told nothing. */
  get isKnown(): boolean {
    return this.#settled !== null;
  }

  /** The version that a push must exceed; null while nothing may be pushed: the agent has not spoken, or a push is unanswered. */
  getFloor(now: number, answerMs: number): number | null {
    if (this.#outstanding && now - this.#outstanding.sentAt < answerMs) return null;
    return this.#settled;
  }

  recordPush({ nonce, version }: { nonce: string; version: number }, now: number): void {
    this.#outstanding = { nonce, version, sentAt: now };
  }

  /**
   * Notes that the open push of this nonce is being answered, and gives its version. Null when it is not open: it was answered, or made
   * again with another nonce.
   */
  recordProgress(nonce: string, now: number): number | null {
    if (this.#outstanding?.nonce !== nonce) return null;
    this.#outstanding.sentAt = now;
    return this.#outstanding.version;
  }

  /** Takes in a status, an answer to a push or not. Versions only grow: what was refused is not sent again. */
  recordStatus(status: { nonce: string | null; appliedVersion: number; rejectedVersion: number | null }): void {
    this.#settled = Math.max(this.#settled ?? 0, status.appliedVersion, status.rejectedVersion ?? 0);
    const open = this.#outstanding;
    if (open && (status.nonce === open.nonce || this.#settled >= open.version)) this.#outstanding = null;
  }

  /** The agent could not even read the push. */
  recordUnreadable(): void {
    const open = this.#outstanding;
    if (open) this.recordStatus({ nonce: open.nonce, appliedVersion: 0, rejectedVersion: open.version });
  }
}
