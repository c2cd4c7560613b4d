import { randomBytes } from 'node:crypto';

import type { BuiltParts } from '@gatehouse/policy/testing/build-parts';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import { PART_CHUNK_BYTES, type ManifestPush, type Part, type PartRequest } from '@gatehouse/protocol/parts';

import type { AppliedStatus, ConfigApplier } from '../../../src/config/apply.ts';

/** The hub as the configuration side of an agent sees it: pushes a manifest and hands out its parts. */
export class PartHub {
  /** hashes that were asked for, a request each */
  readonly requests: string[][] = [];
  /** raw bytes that were sent */
  sentBytes = 0;
  /** pieces in the order in which they are sent; replace it to send something else */
  answer: (request: PartRequest, parts: BuiltParts['parts']) => Iterable<Part> = listPieces;
  readonly #applier: ConfigApplier;

  constructor(applier: ConfigApplier) {
    this.#applier = applier;
  }

  /** Resolves with what the agent says when it is done; null: it gave the push up. */
  push({ version, manifest, parts }: PushedParts): Promise<AppliedStatus | null> {
    const push: ManifestPush = { type: 'manifest-push', nonce: randomBytes(18).toString('base64url'), version, manifest };
    return this.#applier.applyManifest(push, (request) => {
      this.requests.push(request.hashes);
      void this.#send(this.answer(request, parts));
    });
  }

  /** One after the other, as a link does. */
  async #send(pieces: Iterable<Part>): Promise<void> {
    for (const piece of pieces) {
      this.sentBytes += Buffer.byteLength(piece.data, 'base64');
      if (!(await this.#applier.takePart(piece))) return;
    }
  }
}

export interface PushedParts extends BuiltParts {
  version: number;
  manifest: SignedEnvelope;
}

/** What was asked for, whole and in order. */
export function* listPieces({ nonce, hashes }: PartRequest, parts: BuiltParts['parts']): Generator<Part> {
  for (const hash of hashes) yield* cutPart(nonce, hash, parts.get(hash) ?? Buffer.alloc(0));
}

/** The pieces of these bytes under this name. */
export function cutPart(nonce: string, hash: string, bytes: Buffer): Part[] {
  const of = Math.max(1, Math.ceil(bytes.length / PART_CHUNK_BYTES));
  return Array.from({ length: of }, (_, index) => {
    const data = bytes.subarray(index * PART_CHUNK_BYTES, (index + 1) * PART_CHUNK_BYTES).toString('base64');
    return { type: 'part', nonce, hash, index, of, data };
  });
}
