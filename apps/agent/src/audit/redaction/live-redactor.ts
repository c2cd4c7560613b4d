import { removeUnseen } from '@gatehouse/policy/findings/remove-unseen';
import { createRedactor, type Redactor } from '@gatehouse/redaction/redact';

/** Scrubbed texts are kept, because the names of clients come again with every call. At this number all of them are dropped. */
const MAX_REMEMBERED = 1_000;
const MAX_REMEMBERED_LENGTH = 200;

/** The redactor with every secret that this process has resolved so far. Secrets are only added, never dropped; they are in no log and no file. */
export class LiveRedactor {
  readonly #secrets = new Set<string>();
  #version = 0;
  #redactor: Redactor | null = null;
  readonly #scrubbed = new Map<string, string>();

  /** From now on the value is redacted wherever it turns up, in any common encoding. */
  addSecret(value: string): void {
    if (this.#secrets.has(value)) return;
    this.#secrets.add(value);
    this.#version += 1;
    this.#redactor = null;
    this.#scrubbed.clear();
  }

  /** Another number says that there are more secrets. */
  get version(): number {
    return this.#version;
  }

  /** Every secret so far, for a redactor in a thread of this process. */
  copySecrets(): string[] {
    return [...this.#secrets];
  }

  getRedactor(): Redactor {
    return (this.#redactor ??= createRedactor({ secrets: [...this.#secrets] }));
  }

  /** For error texts and names that others chose. */
  scrub(text: string): string {
    const known = this.#scrubbed.get(text);
    if (known !== undefined) return known;
    const clean = this.getRedactor().redact(removeUnseen(text)).text;
    if (text.length <= MAX_REMEMBERED_LENGTH) {
      if (this.#scrubbed.size === MAX_REMEMBERED) this.#scrubbed.clear();
      this.#scrubbed.set(text, clean);
    }
    return clean;
  }
}
