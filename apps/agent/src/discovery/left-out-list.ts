import { type EntryKind, getNamePointer, readEntryName } from '@gatehouse/policy/documents/catalogue-entry';
import { toShownEntryName } from '@gatehouse/policy/names/shown-name';
import { mapTexts, MOST_LEFT_OUT, type LeftOut, type LeftOutPart } from '@gatehouse/protocol/left-out';

import type { CredentialScrub } from '../secrets/credential-scrub.ts';

/** Bytes of all parts together as JSON: they leave the site in one message with the definitions. */
const MOST_BYTES = 1024 * 1024;

export type Reason = Pick<LeftOutPart, 'cause' | 'reason'> & Partial<Pick<LeftOutPart, 'pointer' | 'keyword'>>;

/** What a look at a server leaves out, without the credentials of this agent: whole up to a bound, and counted beyond it. */
export class LeftOutList {
  readonly #credentials: CredentialScrub;
  readonly #parts: LeftOutPart[] = [];
  #bytes = 0;
  #more = 0;

  constructor(credentials: CredentialScrub) {
    this.#credentials = credentials;
  }

  /** A definition, for all of these reasons. */
  addDefinition(kind: EntryKind, raw: unknown, reasons: readonly Reason[]): void {
    const name = this.#tellName(kind, raw, reasons);
    for (const reason of reasons) this.#add({ kind, name, pointer: null, keyword: null, ...reason });
  }

  /** What of a list is not known by name. */
  addList(kind: EntryKind, reason: Reason): void {
    this.#add({ kind, name: null, pointer: null, keyword: null, ...reason });
  }

  get(): LeftOut {
    return { parts: [...this.#parts], more: this.#more };
  }

  #add(part: LeftOutPart): void {
    const clean = mapTexts(part, (text) => this.#credentials.scrubText(text));
    this.#bytes += Buffer.byteLength(JSON.stringify(clean));
    if (this.#parts.length >= MOST_LEFT_OUT || this.#bytes > MOST_BYTES) this.#more += 1;
    else this.#parts.push(clean);
  }

  /** Null when it is the name that must not leave. */
  #tellName(kind: EntryKind, raw: unknown, reasons: readonly Reason[]): string | null {
    const name = readEntryName(kind, raw);
    const place = getNamePointer(kind);
    const isSecret = reasons.some(({ cause, pointer }) => cause === 'secret' && pointer === place);
    if (isSecret || this.#credentials.scrubText(name) !== name) return null;
    return toShownEntryName(name);
  }
}
