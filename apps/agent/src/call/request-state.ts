import { randomBytes } from 'node:crypto';

import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { seal, unseal } from '@gatehouse/protocol/aes-gcm';

import type { Caller } from './client-key.ts';
import { getRequestArguments, getRequestName, type CallRequest } from './request.ts';

/** How long a client may take to answer what it was asked. */
const LIFETIME_MS = 60 * 60_000;

/** The request, its sender and its server, which a state belongs to. */
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
    const content = JSON.stringify({ until: this.#now().getTime() + LIFETIME_MS, state });
    return seal(this.#key, Buffer.from(content), hashOwner(owner)).toString('base64url');
  }

  /** The state exactly as the server gave it; null for one that is forged, too old, or of another request. */
  open(owner: StateOwner, sealed: string): string | null {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.toString('base64url') !== sealed) return null;
    const content = unseal(this.#key, bytes, hashOwner(owner));
    if (!content) return null;
    // nothing but `seal` can have written what unseals
    const { until, state } = JSON.parse(content.toString('utf8')) as { until: number; state: string };
    return this.#now().getTime() < until ? state : null;
  }
}

function hashOwner({ caller, request, serverId }: StateOwner): Buffer {
  const { keyId, personId, profileId } = caller.key;
  const asked = { method: request.method, name: getRequestName(request), arguments: getRequestArguments(request) };
  return Buffer.from(hashContent({ keyId, personId, profileId, serverId, ...asked }), 'hex');
}
