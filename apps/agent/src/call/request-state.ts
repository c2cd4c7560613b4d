import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import { contentHash } from '@gatehouse/policy/documents/canonical';

import type { Caller } from './client-key.ts';
import { argumentsOf, nameOf, type CallRequest } from './request.ts';

/** How long a client may take to answer what it was asked. */
const LIFETIME_MS = 60 * 60_000;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** The one request, by the one key, to the one server that a state belongs to. */
export interface StateOwner {
  caller: Caller;
  request: CallRequest;
  serverId: string;
}

/**
 * Carries the state of a server through a client between two requests that belong together. The client can neither read nor change it nor
 * use it for anything else: it is sealed with AES-256-GCM under a key of this process, bound to person, key, profile, method, name, arguments
 * and server. A restart of the agent ends what was open.
 */
export class RequestStates {
  readonly #key = randomBytes(32);
  readonly #now: () => Date;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** The state as the client gets it, base64url. */
  seal(owner: StateOwner, state: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(bindingOf(owner));
    const content = JSON.stringify({ until: this.#now().getTime() + LIFETIME_MS, state });
    const sealed = Buffer.concat([cipher.update(content, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** The state exactly as the server gave it; null for one that is forged, too old, or of another request. */
  open(owner: StateOwner, sealed: string): string | null {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length <= IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== sealed) return null;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(bindingOf(owner))
      .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const text = decrypt(() => decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8'));
    if (text === null) return null;
    // what opens was written by seal
    const content = JSON.parse(text) as { until: number; state: string };
    return this.#now().getTime() < content.until ? content.state : null;
  }
}

function bindingOf({ caller, request, serverId }: StateOwner): Buffer {
  const { keyId, personId, profileId } = caller.key;
  const asked = { method: request.method, name: nameOf(request), arguments: argumentsOf(request) };
  return Buffer.from(contentHash({ keyId, personId, profileId, serverId, ...asked }), 'hex');
}

function decrypt(read: () => string): string | null {
  try {
    return read();
  } catch {
    // not sealed by this process for this request: the one thing that node:crypto says by throwing
    return null;
  }
}
