import { contentHash } from '@gatehouse/policy/canonical';

/**
 * What `hash` of a receipt must be: SHA-256 over the canonical JSON of all the rest, lower-case hex. Null for a receipt that has no
 * canonical form (half of a surrogate pair): no agent can have made a hash of it.
 */
export function receiptHash({ hash: _hash, ...rest }: { hash: string }): string | null {
  try {
    return contentHash(rest);
  } catch {
    return null;
  }
}
