import type { IncomingMessage, ServerResponse } from 'node:http';

import { identifyCaller, type Caller, type CallerRefusal } from '../call/client-key.ts';
import type { CallDeps } from '../call/handle-call.ts';
import { CallTrail, type TrailDeps } from '../call/trail.ts';
import { NOT_CONFIGURED, type StandingRefusal } from '../config/current.ts';
import { sendError } from '../http/reply.ts';
import { getSingleHeader, listHeaderValues } from '../http/request.ts';
import { HEADER, RpcCode } from '../wire/protocol.ts';
import type { AdmittedRequest } from './endpoint.ts';
import { FailureBudget } from './failure-budget.ts';

/** Decides who calls, before anything of a body is read. */
export class Admission {
  readonly #current: CallDeps['current'];
  readonly #trailDeps: TrailDeps;
  readonly #failures: FailureBudget;

  /** `readClock`: monotonic, milliseconds */
  constructor({ current, journal, now }: Pick<CallDeps, 'current' | 'journal' | 'now'>, readClock: () => number) {
    this.#current = current;
    this.#trailDeps = { journal, now, readClock };
    this.#failures = new FailureBudget(readClock);
  }

  /** The request with its caller; null after a refusal was answered and, where it says something about somebody, recorded. */
  admit(request: IncomingMessage, response: ServerResponse, profileSlug: string): AdmittedRequest | null {
    const config = this.#current.get();
    if (!config) {
      return refuse(response, 503, NOT_CONFIGURED, { 'retry-after': '5' });
    }
    const trail = new CallTrail(this.#trailDeps, config.version);
    // in case the body is never read or is broken: once it is read, the method that it names is recorded
    trail.setMethod(getSingleHeader(request, HEADER.method));
    const credentials = { authorization: listHeaderValues(request, 'authorization'), profileSlug };
    const now = this.#trailDeps.now();
    const identified = identifyCaller(config, credentials, now);
    const standing = this.#current.findStandingRefusal(now.getTime());
    if (standing) {
      // of strangers nothing is written: these receipts wait on the disk until the agent is welcome again
      const isRecorded = identified.ok && request.method === 'POST' && this.#failures.spend(request.socket.remoteAddress ?? '');
      if (isRecorded) recordStanding(trail, identified.caller, standing);
      return refuse(response, 403, standing.message);
    }
    if (identified.ok) {
      recordCaller(trail, identified.caller);
      return { request, response, caller: identified.caller, trail };
    }
    if (!this.#failures.spend(request.socket.remoteAddress ?? '')) {
      return refuse(response, 429, 'Too many refused attempts. Wait a minute.', { 'retry-after': '60' });
    }
    if (request.method === 'POST') recordRefusal(trail, identified);
    return refuse(response, 401, identified.message, { 'www-authenticate': formatChallenge(identified) });
  }
}

function refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): null {
  sendError(response, status, null, { code: RpcCode.refused, message }, headers);
  return null;
}

function recordCaller(trail: CallTrail, { key, profile }: Caller): void {
  trail.setKey(key);
  trail.setProfile(profile);
  trail.pass('identity');
}

function recordStanding(trail: CallTrail, caller: Caller, { code }: StandingRefusal): void {
  recordCaller(trail, caller);
  trail.fail('profile', code);
  trail.end(code);
}

/** A refused attempt leaves a receipt when it concerns somebody: a profile, or the owner of a key. */
function recordRefusal(trail: CallTrail, refusal: CallerRefusal): void {
  const { code, keyId, profile } = refusal;
  if (!profile && !keyId) return;
  trail.setKey(refusal);
  if (profile) trail.setProfile(profile);
  trail.fail('identity', code);
  trail.end(code);
}

/** `WWW-Authenticate`. RFC 6750: no error code for a request that shows no key at all. */
function formatChallenge({ code, message }: CallerRefusal): string {
  const realm = 'Bearer realm="gatehouse"';
  if (code === 'identity_missing') return realm;
  return `${realm}, error="invalid_token", error_description="${message.replaceAll('"', "'")}"`;
}
