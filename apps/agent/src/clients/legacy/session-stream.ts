import type { ServerResponse } from 'node:http';

import type { CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import type { JsonObject } from '@gatehouse/policy/documents/json';

import { ClientText } from '../../call/client-text.ts';
import { SseStream } from '../../http/sse-stream.ts';
import type { CredentialScrub } from '../../secrets/credential-scrub.ts';
import { HEADER } from '../../wire/protocol.ts';
import { findChangedLists, getOfferedLists, LIST_CHANGED, type ListKind } from '../lists.ts';

/** The stream of a session for messages that answer no request, among them news of changed lists. */
export class SessionStream {
  readonly #sessionId: string;
  readonly #scrub: CredentialScrub;
  #text: ClientText;
  /** hashes of the lists that the client has, or was told to fetch */
  #known: CompiledProfile['listHashes'];
  /** lists that were declared to the client, or that it was told have changed */
  readonly #told: Set<ListKind>;
  #stream: SseStream | null = null;

  constructor(sessionId: string, profile: CompiledProfile, scrub: CredentialScrub) {
    this.#sessionId = sessionId;
    this.#known = profile.listHashes;
    this.#told = new Set(getOfferedLists(profile));
    this.#scrub = scrub;
    this.#text = new ClientText(scrub, profile.profile);
  }

  isOpen(): boolean {
    return this.#stream !== null;
  }

  /** Makes a response the stream. A newer one takes the place of the one before. */
  open(response: ServerResponse, profile: CompiledProfile): void {
    this.#stream?.end();
    const stream = new SseStream(response, { [HEADER.sessionId]: this.#sessionId });
    this.#stream = stream;
    stream.onClose(() => {
      if (this.#stream === stream) this.#stream = null;
    });
    // lists may have changed while there was no stream
    this.announceLists(profile);
  }

  /** The client is being given this list. */
  noteList(kind: ListKind, profile: CompiledProfile): void {
    this.#told.add(kind);
    this.#known = { ...this.#known, [kind]: profile.listHashes[kind] };
  }

  /** Whether the client may ask for this list, although the profile may offer nothing of it any more. */
  wasTold(kind: ListKind): boolean {
    return this.#told.has(kind);
  }

  /** Goes by this form of the profile from now on, and tells the client, once, which of its lists have changed; later, when it does not listen now. */
  announceLists(profile: CompiledProfile): void {
    this.#text = new ClientText(this.#scrub, profile.profile);
    if (!this.#stream) return;
    for (const kind of findChangedLists(this.#known, profile.listHashes)) {
      this.#told.add(kind);
      this.notify(LIST_CHANGED[kind]);
    }
    this.#known = profile.listHashes;
  }

  /** A notification that belongs to no request; dropped while the client does not listen. */
  notify(method: string, params?: JsonObject): void {
    this.send({ jsonrpc: '2.0', method, ...(params && { params }) });
  }

  /** False when the client does not listen. */
  send(message: object): boolean {
    return this.#stream?.sendText(this.#text.toJson(message)) ?? false;
  }

  keepAlive(): void {
    this.#stream?.keepAlive();
  }

  end(): void {
    this.#stream?.end();
  }
}
