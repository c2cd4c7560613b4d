import { isJsonObject } from '@gatehouse/policy/documents/json';
import { createSecretFinder } from '@gatehouse/redaction/held-secrets';
import { removeSpans } from '@gatehouse/redaction/span';

/** Takes the credentials that the agent holds, and nothing else, out of what an upstream says. */
export class CredentialScrub {
  readonly #secrets = new Set<string>();
  #find = createSecretFinder([]);

  add(secret: string): void {
    if (this.#secrets.has(secret)) return;
    this.#secrets.add(secret);
    this.#find = createSecretFinder([...this.#secrets]);
  }

  scrubText(text: string): string {
    return removeSpans(text, this.#find(text)).text;
  }

  /** The same JSON value, or a copy in which every text and key is scrubbed. */
  scrubValue(value: unknown): unknown {
    return this.#find(JSON.stringify(value) ?? '').length === 0 ? value : this.#copy(value);
  }

  /** The value as JSON text without credentials. It is written once; only a value that holds one is taken apart and written again. */
  toJson(value: unknown): string {
    const json = JSON.stringify(value);
    return this.#find(json).length === 0 ? json : JSON.stringify(this.#copy(value));
  }

  #copy(value: unknown): unknown {
    if (typeof value === 'string') return this.scrubText(value);
    if (typeof value === 'number') return this.#find(String(value)).length === 0 ? value : this.scrubText(String(value));
    if (this.#isHeldBytes(value)) return '[redacted:credential]';
    if (Array.isArray(value)) return value.map((item) => this.#copy(item));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.scrubText(key), this.#copy(item)]));
  }

  /** A text as the list of its bytes: no item shows it, so that the list goes as a whole. */
  #isHeldBytes(value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    const isList = Object.values(value).every((item) => typeof item === 'number');
    return isList && this.#find(JSON.stringify(value)).length > 0;
  }
}
