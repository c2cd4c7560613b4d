import { isExactNumber, writeNumber } from '@gatehouse/policy/documents/exact-number';
import { isJsonObject } from '@gatehouse/policy/documents/json';
import { createSecretFinder } from '@gatehouse/redaction/held-secrets';
import { removeSpans } from '@gatehouse/redaction/span';

import { joinPieces, lookInto, type JsonPieces } from '../wire/json-parts.ts';
import { dropText, keepText, writeForReader, writeJson } from '../wire/json-text.ts';
import { hidePieces } from './pieces.ts';

/** A credential may be several times as long where it is escaped. */
const MOST_LETTERS_WRITTEN = 6;

/** JSON without credentials, and the value that it says. */
export interface ScrubbedJson {
  value: unknown;
  json: JsonPieces;
  read: string;
  /** the same as bytes where it is long and ASCII, until the next value is written */
  ascii: Buffer | null;
}

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
    return this.write(value).value;
  }

  /** The value as JSON text without credentials. */
  toJson(value: unknown): string {
    return joinPieces(this.write(value).json);
  }

  /**
   * The value as JSON text without credentials, as it came where it holds none; only a value that holds one is taken apart. `read`: the same as
   * `JSON.stringify` writes it, for those who look for something else in it.
   */
  write(value: unknown): ScrubbedJson {
    const { pieces, plain, respelled } = writeForReader(value);
    const read = plain ? joinPieces(pieces) : (JSON.stringify(value) ?? '');
    const ascii = plain ? lookInto(pieces) : null;
    const clean = this.#clean(value, read, ascii);
    const isSame = clean === value;
    const written = isSame ? pieces : writeJson(keepText(clean, value));
    const cleanRead = isSame ? read : (JSON.stringify(clean) ?? '');
    // a number may hold, as it is written, what it does not hold as it reads
    if (respelled && this.#find(joinPieces(written)).length > 0)
      return { value: dropText(clean), json: cleanRead, read: cleanRead, ascii: null };
    return { value: clean, json: written, read: cleanRead, ascii: isSame ? ascii : null };
  }

  #clean(value: unknown, json: string, ascii: Buffer | null): unknown {
    const clean = this.#find(json, ascii).length === 0 ? value : this.#copy(value);
    return this.#longest === 0 ? clean : hidePieces(clean, this.#find, this.#longest * MOST_LETTERS_WRITTEN);
  }

  #copy(value: unknown): unknown {
    if (typeof value === 'string') return this.scrubText(value);
    if (typeof value === 'number' || isExactNumber(value)) {
      const written = writeNumber(value);
      return this.#find(written).length === 0 ? value : this.scrubText(written);
    }
    if (this.#isHeldBytes(value)) return '[redacted:credential]';
    if (Array.isArray(value)) return value.map((item) => this.#copy(item));
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.scrubText(key), this.#copy(item)]));
  }

  /** A text as the list of its bytes: no item shows it, so that the list goes as a whole. */
  #isHeldBytes(value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    const isList = Object.values(value).every((item) => typeof item === 'number' || isExactNumber(item));
    return isList && this.#find(JSON.stringify(value)).length > 0;
  }
}
