import { isJsonObject } from '@gatehouse/policy/documents/json';
import { createSecretFinder } from '@gatehouse/redaction/held-secrets';
import { removeSpans } from '@gatehouse/redaction/span';

import { hidePieces } from './pieces.ts';

/** A credential may be several times as long where it is escaped. */
const MOST_LETTERS_WRITTEN = 6;

/** Takes the credentials that the agent holds, and nothing else, out of what an upstream says. */
export class CredentialScrub {
  readonly #secrets = new Set<string>();
  #find = createSecretFinder([]);
  #longest = 0;

  add(secret: string): void {
    if (this.#secrets.has(secret)) return;
    this.#secrets.add(secret);
    this.#longest = Math.max(this.#longest, secret.length);
    this.#find = createSecretFinder([...this.#secrets]);
  }

  scrubText(text: string): string {
    return removeSpans(text, this.#find(text)).text;
  }

  /** The same JSON value, or a copy in which every text and key is scrubbed. */
  scrubValue(value: unknown): unknown {
    return this.#clean(value, JSON.stringify(value) ?? '');
  }

  /** The value as JSON text without credentials. It is written once; only a value that holds one is taken apart and written again. */
  toJson(value: unknown): string {
    const json = JSON.stringify(value);
    const clean = this.#clean(value, json);
    return clean === value ? json : JSON.stringify(clean);
  }

  #clean(value: unknown, json: string): unknown {
    const clean = this.#find(json).length === 0 ? value : this.#copy(value);
    return this.#longest === 0 ? clean : hidePieces(clean, this.#find, this.#longest * MOST_LETTERS_WRITTEN);
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
