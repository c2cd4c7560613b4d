import { createHash, randomBytes, randomUUID, verify } from 'node:crypto';

import { importPublicKey } from '../ed25519.ts';
import {
  encodeJoinToken,
  type EnrolError,
  type EnrolErrorCode,
  toEnrolmentBytes,
  EnrolRequest,
  EnrolRootRequest,
  type EnrolResponse,
  type EnrolRootResponse,
} from '../enrolment.ts';
import type { TestKey } from './test-key.ts';

/** What the fake hub knows of an agent. */
export interface FakeAgentRecord {
  agentId: string;
  agentName: string;
  /** raw 32 bytes */
  publicKey: Buffer;
  /** of the newest accepted connection */
  epoch: number;
}

export interface FakePlace {
  tenantId: string;
  tenantSlug: string;
  siteId: string;
  siteSlug: string;
}

export interface Answer {
  status: number;
  body: unknown;
}

/** Both requests of enrolment, against tokens that this object made. */
export class FakeEnrolment {
  /** by agent id */
  readonly agents = new Map<string, FakeAgentRecord>();
  /** every EnrolRequest that was read, also refused ones: the secret has left the agent */
  readonly requests: EnrolRequest[] = [];
  /** what /v1/enrol/root shows; replace it to play an impostor */
  shownRoot: TestKey;
  /** what serverTime says */
  getTime: () => Date = () => new Date();
  readonly #root: TestKey;
  readonly #place: FakePlace;
  readonly #tokens = new Map<string, { agentName: string; used: boolean }>();
  readonly #refusals = new Map<'root' | 'enrol', EnrolErrorCode>();

  constructor(root: TestKey, place: FakePlace) {
    this.#root = root;
    this.#place = place;
    this.shownRoot = root;
  }

  /** A token that enrols one agent here. `hub`: websocket base URL that the agent should dial. */
  createToken(hub: string, agentName: string): string {
    const secret = randomBytes(32).toString('base64url');
    this.#tokens.set(hashSecret(secret), { agentName, used: false });
    return encodeJoinToken({ hub, rootHash: this.#root.hash, secret });
  }

  /** Answers one step with a refusal; null ends that. */
  refuse(step: 'root' | 'enrol', code: EnrolErrorCode | null): void {
    if (code === null) this.#refusals.delete(step);
    else this.#refusals.set(step, code);
  }

  answerRoot(body: unknown): Answer {
    const refusal = this.#refusals.get('root');
    if (refusal) return buildRefusal(refusal);
    const request = EnrolRootRequest.safeParse(body);
    if (!request.success) return buildRefusal('malformed');
    if (this.#tokens.get(request.data.tokenHash)?.used !== false) return buildRefusal('token_invalid');
    const answer: EnrolRootResponse = {
      tenantId: this.#place.tenantId,
      rootKeyId: this.shownRoot.keyId,
      rootPublicKey: this.shownRoot.publicKey.toString('base64'),
      serverTime: this.getTime().toISOString(),
    };
    return { status: 200, body: answer };
  }

  answerEnrol(body: unknown): Answer {
    const request = EnrolRequest.safeParse(body);
    if (!request.success) return buildRefusal('malformed');
    this.requests.push(request.data);
    const refusal = this.#refusals.get('enrol');
    if (refusal) return buildRefusal(refusal);
    const { secret, publicKey, proof } = request.data;
    const token = this.#tokens.get(hashSecret(secret));
    if (!token || token.used) return buildRefusal('token_invalid');
    const raw = Buffer.from(publicKey, 'base64');
    if (!verify(null, toEnrolmentBytes(request.data), importPublicKey(raw), Buffer.from(proof, 'base64')))
      return buildRefusal('malformed');
    token.used = true;
    return { status: 200, body: this.addAgent(raw, token.agentName) };
  }

  /** Knows an agent without enrolment; what enrolment would have answered. */
  addAgent(publicKey: Buffer, agentName: string): EnrolResponse {
    const agentId = randomUUID();
    this.agents.set(agentId, { agentId, agentName, publicKey, epoch: 0 });
    return { ...this.#place, agentId, agentName };
  }
}

function buildRefusal(code: EnrolErrorCode): Answer {
  const body: EnrolError = { code, message: `Refused by the fake hub: ${code}` };
  return { status: code === 'rate_limited' ? 429 : code === 'unavailable' ? 503 : 400, body };
}

function hashSecret(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
