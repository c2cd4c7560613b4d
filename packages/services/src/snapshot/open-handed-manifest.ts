import { Manifest } from '@gatehouse/policy/documents/manifest';
import { SignedEnvelope } from '@gatehouse/protocol/envelope';
import { EnvelopeError, verifyEnvelope } from '@gatehouse/protocol/verify';

/** Version and key of a manifest that one of the tenant's own keys signed for this very site; else null, whoever brought it. */
export function openHandedManifest(
  handed: unknown,
  { tenantId, siteId, keys }: { tenantId: string; siteId: string; keys: ReadonlyMap<string, Uint8Array> },
): { version: number; keyId: string } | null {
  const envelope = SignedEnvelope.safeParse(handed).data;
  if (!envelope) return null;
  try {
    const bytes = verifyEnvelope(envelope, keys, 'application/vnd.gatehouse.manifest+json');
    const manifest = Manifest.parse(JSON.parse(bytes.toString('utf8')));
    const isOwn = manifest.tenantId === tenantId && manifest.siteId === siteId;
    return isOwn ? { version: manifest.version, keyId: envelope.keyId } : null;
  } catch (error) {
    if (error instanceof EnvelopeError) return null;
    throw error;
  }
}
