import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { Manifest } from '@gatehouse/policy/documents/manifest';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';

import { ConfigRefused } from './refusal.ts';
import { checkPlace, describeIssues, openEnvelope, type Keys, type Trust } from './trust.ts';

/** A manifest with the hash of what it stands for: version and lease are not in it. */
export interface VerifiedManifest extends Manifest {
  contentHash: string;
}

/** Signature by one of these keys, shape and site, whatever else is in force here. Throws ConfigRefused. */
export function verifyManifest(trust: Trust, keys: Keys, envelope: SignedEnvelope): VerifiedManifest {
  const opened = openEnvelope(keys, envelope, 'application/vnd.gatehouse.manifest+json');
  if (!opened.ok) throw new ConfigRefused(opened.code, opened.message);
  const { data, error } = Manifest.safeParse(opened.value);
  if (error) throw new ConfigRefused('malformed', `The manifest cannot be read: ${describeIssues(error)}`);
  checkPlace(trust, data);
  return { ...data, contentHash: hashContent(data.roots) };
}
