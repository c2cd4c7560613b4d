import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { getHiddenTextHandling, type HiddenTextHandling, type SnapshotProfile } from '@gatehouse/policy/documents/profile';
import { MarksLeft, mayHoldHiddenText, removeHiddenText } from '@gatehouse/policy/findings/hidden-in-results';
import type { HiddenTextRule } from '@gatehouse/policy/findings/hidden-text';

import type { CredentialScrub } from '../secrets/credential-scrub.ts';
import { joinPieces, type JsonPieces } from '../wire/json-parts.ts';
import type { RpcError } from '../wire/json-rpc.ts';
import { keepText, readJsonText, rememberText, writeMember } from '../wire/json-text.ts';

/** What was found hidden in something that went to a client, and what was done with it. */
export interface FoundHidden {
  handling: HiddenTextHandling;
  places: number;
  rules: readonly HiddenTextRule[];
}

/**
 * What servers say, as it may go to the clients of a profile: without the credentials that this agent holds, and with hidden text as the profile
 * says. What stood between the letters of a credential may be what was hidden, so credentials are looked for again behind it. Nothing of a server
 * reaches a client on another way.
 */
export class ClientText {
  readonly #scrub: CredentialScrub;
  readonly #handling: HiddenTextHandling;
  readonly #onHidden: (found: FoundHidden) => void;

  constructor(
    scrub: CredentialScrub,
    profile: Pick<SnapshotProfile, 'hiddenText'>,
    onHidden: (found: FoundHidden) => void = () => {},
  ) {
    this.#scrub = scrub;
    this.#handling = getHiddenTextHandling(profile);
    this.#onHidden = onHidden;
  }

  toJson(value: unknown): string {
    return joinPieces(this.write(value));
  }

  /** As JSON in pieces, for who sends it. */
  write(value: unknown): JsonPieces {
    const { value: scrubbed, json, read, ascii } = this.#scrub.write(value);
    if (!mayHoldHiddenText(read, ascii)) return json;
    const clean = this.#clean(scrubbed, new MarksLeft());
    return clean === scrubbed ? json : this.#scrub.toJson(keepText(clean, scrubbed));
  }

  /**
   * A member as JSON that will stand in a text, as it came where nothing is taken out. What is hidden in it has to be looked for here: in that text it may
   * be escaped, and nothing looks hidden any more.
   */
  writeMember(holder: JsonObject, name: string): string {
    const json = this.toJson(keepText({ [name]: holder[name] }, holder));
    const read = readJsonText(json);
    if (!read || !isJsonObject(read.value)) throw new Error('what was written as JSON is none');
    rememberText(read);
    return writeMember(read.value, name);
  }

  cleanText(text: string): string {
    return this.#scrub.scrubText(this.#removeHidden(this.#scrub.scrubText(text), new MarksLeft()));
  }

  /** All members of it. Its code stays, whatever it reads like. */
  cleanError(error: RpcError): RpcError {
    const cleaned = this.#cleanData(error);
    if (cleaned === error) return error;
    const members = isJsonObject(cleaned) ? cleaned : {};
    const { message } = members;
    const said = typeof message === 'string' ? message : this.cleanText(error.message);
    return keepText({ ...members, message: said, code: error.code }, cleaned);
  }

  #cleanData(data: unknown): unknown {
    const scrubbed = this.#scrub.scrubValue(data);
    return this.#scrub.scrubValue(keepText(this.#clean(scrubbed, new MarksLeft()), scrubbed));
  }

  /** The same value when nothing in it is hidden. */
  #clean(value: unknown, marks: MarksLeft): unknown {
    if (typeof value === 'string') return this.#removeHidden(value, marks);
    if (Array.isArray(value)) {
      const items: unknown[] = value;
      const kept = items.map((item) => this.#clean(item, marks));
      return kept.every((item, at) => item === items[at]) ? value : kept;
    }
    if (!isJsonObject(value)) return value;
    let isSame = true;
    const kept = Object.entries(value).map(([key, item]) => {
      const [name, inner] = [this.#removeHidden(key, marks), this.#clean(item, marks)];
      isSame &&= name === key && inner === item;
      return [name, inner];
    });
    return isSame ? value : Object.fromEntries(kept);
  }

  #removeHidden(text: string, marks: MarksLeft): string {
    const { text: clean, places, rules } = removeHiddenText(text, this.#handling, marks);
    if (places > 0) this.#onHidden({ handling: this.#handling, places, rules });
    return clean;
  }
}
