import { createHash, randomUUID } from 'node:crypto';

import {
  computeLogRoot,
  findPruneTime,
  Revocation,
  type RevocationHead,
  type RevocationSubject,
} from '@gatehouse/policy/documents/revocation';

import type { SignedEnvelope } from '../envelope.ts';
import type { RevocationsPush } from '../revocations.ts';
import type { TestKey } from './test-key.ts';

/** The revocation log of a tenant as its control plane keeps and signs it. */
export class FakeRevocations {
  readonly entries: SignedEnvelope[] = [];
  /** as the next heads say */
  prunedUntil: string | undefined = undefined;
  readonly #root: TestKey;
  readonly #tenantId: string;

  constructor(root: TestKey, tenantId: string) {
    this.#root = root;
    this.#tenantId = tenantId;
  }

  /** Adds an entry. */
  add(act: Revocation['act'], subject: RevocationSubject, overrides: Partial<Revocation> = {}): Revocation {
    const revocation = this.build(act, subject, overrides);
    this.entries.push(this.sign(revocation));
    return revocation;
  }

  /** Takes out what no log needs from this time on. */
  prune(time: number): void {
    const kept = this.entries.filter(({ payload }) => findPruneTime(readRevocation(payload)) > time);
    this.entries.splice(0, Infinity, ...kept);
    this.prunedUntil = new Date(time).toISOString();
  }

  /** An entry of this tenant, not added. */
  build(act: Revocation['act'], subject: RevocationSubject, overrides: Partial<Revocation> = {}): Revocation {
    const at = new Date().toISOString();
    return { format: 1, id: randomUUID(), tenantId: this.#tenantId, at, act, subject, ...overrides };
  }

  sign(revocation: object): SignedEnvelope {
    return this.#root.sign('application/vnd.gatehouse.revocation+json', revocation);
  }

  /** What the log holds, or would hold with these entries only. */
  buildHead(entries: readonly SignedEnvelope[] = this.entries, overrides: Partial<RevocationHead> = {}): RevocationHead {
    const root = computeLogRoot(entries.map(hashPayload).sort());
    const pruned = this.prunedUntil !== undefined && { prunedUntil: this.prunedUntil };
    return {
      format: 1,
      tenantId: this.#tenantId,
      count: entries.length,
      root,
      asOf: new Date().toISOString(),
      ...pruned,
      ...overrides,
    };
  }

  signHead(head: RevocationHead): SignedEnvelope {
    return this.#root.sign('application/vnd.gatehouse.revocation-head+json', head);
  }

  /** The message of an honest hub, with all entries unless fewer are asked for. */
  buildPush(entries: readonly SignedEnvelope[] = this.entries, head: Partial<RevocationHead> = {}): RevocationsPush {
    return { type: 'revocations', entries: [...entries], head: this.signHead(this.buildHead(this.entries, head)) };
  }
}

function readRevocation(payload: string): Revocation {
  return Revocation.parse(JSON.parse(Buffer.from(payload, 'base64').toString('utf8')));
}

function hashPayload({ payload }: SignedEnvelope): string {
  return createHash('sha256').update(Buffer.from(payload, 'base64')).digest('hex');
}
