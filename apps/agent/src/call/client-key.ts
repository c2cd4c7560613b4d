import { hash } from 'node:crypto';

import type { CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import type { ReasonCode } from '@gatehouse/policy/decision';
import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';

import type { ActiveConfig } from '../config/current.ts';

/** What a key is judged by: the configuration, and the revocation log beside it. */
type Basis = Pick<ActiveConfig, 'compiled' | 'revocations'>;

/** Who calls, through which profile. */
export interface Caller {
  key: SnapshotClientKey;
  profile: CompiledProfile;
}

type IdentityCode = Extract<ReasonCode, `identity_${string}`>;

export interface CallerRefusal {
  ok: false;
  code: IdentityCode;
  message: string;
  /** as far as they are known */
  keyId: string | null;
  personId: string | null;
  profile: CompiledProfile | null;
}

export type Identification = { ok: true; caller: Caller } | CallerRefusal;

/** What the request shows: every `Authorization` header that it has, and the profile of its path. */
export interface Credentials {
  authorization: readonly string[];
  profileSlug: string;
}

/**
 * Looks a client key up. Only its SHA-256 is compared, so neither the time nor the answer tells anything about another key. A key opens
 * only the profile that it was made for.
 */
export function identifyCaller(basis: Basis, { authorization, profileSlug }: Credentials, now: Date): Identification {
  const { compiled } = basis;
  const profile = compiled.profilesBySlug.get(profileSlug) ?? null;
  const [header] = authorization;
  if (header === undefined || authorization.length > 1) return refuse('identity_missing', profile);
  const token = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(header)?.[1];
  if (token === undefined) return refuse('identity_missing', profile);

  const key = compiled.clientKeysByHash.get(hash('sha256', token));
  if (!key) return refuse(wasRevoked(basis, token, now) ? 'identity_revoked' : 'identity_unknown', profile);
  if (isRevoked(basis, key, now)) return refuse('identity_revoked', profile, key);
  if (now.getTime() >= Date.parse(key.expiresAt)) return refuse('identity_expired', profile, key);
  if (profile?.profile.id !== key.profileId) return refuse('identity_other_profile', profile, key);
  return { ok: true, caller: { key, profile } };
}

/** Whether a key that was accepted before still is. */
export function isStillValid(basis: Basis, key: SnapshotClientKey, now: Date): boolean {
  const { compiled } = basis;
  const current = compiled.clientKeysByHash.get(key.hash);
  return (
    current?.profileId === key.profileId &&
    compiled.profilesById.has(key.profileId) &&
    !isRevoked(basis, key, now) &&
    now.getTime() < Date.parse(current.expiresAt)
  );
}

const MESSAGES: Record<IdentityCode, string> = {
  identity_missing: 'Send the client key of this profile as "Authorization: Bearer ...". Create one on the Connect page.',
  identity_unknown: 'This client key is not known here. Create one on the Connect page.',
  identity_expired:
    'This client key has expired, or the access that it was made under has ended. Create a new one on the Connect page.',
  identity_revoked: 'This client key was revoked. Create a new one on the Connect page.',
  identity_other_profile: 'This client key belongs to another profile. Copy the address that was shown with it.',
};

function refuse(code: IdentityCode, profile: CompiledProfile | null, key?: SnapshotClientKey): CallerRefusal {
  return { ok: false, code, message: MESSAGES[code], keyId: key?.keyId ?? null, personId: key?.personId ?? null, profile };
}

/** Snapshots of protocol 1 list revoked keys themselves; either list is enough. */
function isRevoked({ compiled, revocations }: Basis, key: SnapshotClientKey, now: Date): boolean {
  return compiled.revokedKeyIds.has(key.keyId) || revocations.isKeyRevoked(key, now.getTime());
}

/** A revoked key is no longer in the list, but its id is part of the key. That proves nothing about who sends it. */
function wasRevoked({ compiled, revocations }: Basis, token: string, now: Date): boolean {
  const [, a, b, c, d, e] = /^mcp_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_/.exec(token) ?? [];
  if (a === undefined) return false;
  const id = [a, b, c, d, e].join('-');
  return compiled.revokedKeyIds.has(id) || revocations.isBarred({ kind: 'key', id }, now.getTime());
}
