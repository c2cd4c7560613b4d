import { createRedactor, type Redactor } from '@gatehouse/redaction/redact';

/** The redactor with every secret that this process has resolved so far. Values only ever join; they are in no log and no file. */
export class LiveRedactor {
  readonly #secrets = new Set<string>();
  #redactor: Redactor | null = null;

  /** Known from now on wherever it turns up, in any common encoding. */
  addSecret(value: string): void {
    if (this.#secrets.has(value)) return;
    this.#secrets.add(value);
    this.#redactor = null;
  }

  current(): Redactor {
    return (this.#redactor ??= createRedactor({ secrets: [...this.#secrets] }));
  }

  /** For error texts and names that others chose. */
  scrub(text: string): string {
    return this.current().redact(text).text;
  }
}
