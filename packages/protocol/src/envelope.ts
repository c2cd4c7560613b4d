import * as z from 'zod';

/** What a signature is for. Part of the signed bytes, so one kind of document can never pass as another. */
export const PayloadType = z.enum([
  'application/vnd.gatehouse.snapshot+json',
  'application/vnd.gatehouse.manifest+json',
  'application/vnd.gatehouse.discovery+json',
  'application/vnd.gatehouse.revocation+json',
  'application/vnd.gatehouse.revocation-head+json',
  'application/vnd.gatehouse.keyset+json',
]);
export type PayloadType = z.infer<typeof PayloadType>;

/** Standard base64, padded. */
export const Base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);
/** A 64-byte Ed25519 signature in base64. */
export const EncodedSignature = Base64.length(88);

/** DSSE envelope (https://github.com/secure-systems-lab/dsse): the signature is over raw bytes, nothing is re-serialised. */
export const SignedEnvelope = z.object({
  payloadType: PayloadType,
  /** base64 of the exact signed bytes; 32 MiB at most */
  payload: Base64.max(44_739_244),
  keyId: z.uuid(),
  /** over the pre-authentication encoding */
  signature: EncodedSignature,
});
export type SignedEnvelope = z.infer<typeof SignedEnvelope>;

/** An envelope of a document that is small whatever happens: 8 KiB at most. */
export const SmallEnvelope = SignedEnvelope.extend({ payload: Base64.max(10_924) });

/** DSSE pre-authentication encoding: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body. */
export function encodePreAuth(payloadType: PayloadType, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}
