import type { Keyset, KeysetKey } from '../keyset.ts';
import type { TestKey } from './test-key.ts';

/** A key of a keyset; it signs unless it is said until when it did. */
export function makeKeysetKey({ keyId, publicKey }: TestKey, overrides: Partial<KeysetKey> = {}): KeysetKey {
  const validFrom = '2026-11-01T00:00:00.000Z';
  return { keyId, publicKey: publicKey.toString('base64'), validFrom, validUntil: null, ...overrides };
}

/** A keyset with these keys. `now`: it was issued then and is valid for a day. */
export function makeKeyset(
  tenantId: string,
  version: number,
  keys: readonly KeysetKey[],
  { now = Date.now(), ...overrides }: Partial<Keyset> & { now?: number } = {},
): Keyset {
  const [issuedAt, notAfter] = [now, now + 86_400_000].map((time) => new Date(time).toISOString());
  return { format: 1, tenantId, version, issuedAt: issuedAt ?? '', notAfter: notAfter ?? '', keys: [...keys], ...overrides };
}
