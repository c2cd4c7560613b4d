import type { Manifest, Snapshot } from '@gatehouse/db/client';
import type { PayloadType, SignedEnvelope } from '@gatehouse/protocol/envelope';

/** What tables keep of an envelope. */
export type Signed = Pick<Manifest | Snapshot, 'payload' | 'signature' | 'keyId'>;

/** A stored snapshot as it is sent. */
export const toSnapshotEnvelope = (row: Signed) => toEnvelope('application/vnd.gatehouse.snapshot+json', row);

/** A stored manifest as it is sent. */
export const toManifestEnvelope = (row: Signed) => toEnvelope('application/vnd.gatehouse.manifest+json', row);

/** A stored document of this type as it is sent. */
export function toEnvelope(payloadType: PayloadType, { payload, signature, keyId }: Signed): SignedEnvelope {
  return {
    payloadType,
    payload: Buffer.from(payload).toString('base64'),
    keyId,
    signature: Buffer.from(signature).toString('base64'),
  };
}
