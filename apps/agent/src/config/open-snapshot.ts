import { compileSnapshot, ConfigInvalid } from '@gatehouse/policy/compile/compile-snapshot';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { ReadableSnapshot } from '@gatehouse/policy/documents/earlier-snapshot';
import type { Snapshot } from '@gatehouse/policy/documents/snapshot';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';

import type { LoadedConfig } from './current.ts';
import { findOutOfBounds, type Guardrails } from './guardrails/guardrails.ts';
import { ConfigRefused } from './refusal.ts';
import { checkPlace, describeIssues, openEnvelope, type Keys, type Trust } from './trust.ts';

/** Signature by one of these keys, shape, site and content hash, whatever else is in force here. Throws ConfigRefused. */
export function verifySnapshot(trust: Trust, keys: Keys, envelope: SignedEnvelope): Snapshot {
  const opened = openEnvelope(keys, envelope, 'application/vnd.gatehouse.snapshot+json');
  if (!opened.ok) throw new ConfigRefused(opened.code, opened.message);
  const parsed = ReadableSnapshot.safeParse(opened.value);
  if (!parsed.success) throw new ConfigRefused('malformed', `The snapshot cannot be read: ${describeIssues(parsed.error)}`);
  const snapshot = parsed.data;
  checkPlace(trust, snapshot);
  if (hashContent(readRawContent(opened.value)) !== snapshot.contentHash) {
    throw new ConfigRefused('hash_mismatch', 'The content does not have the hash that the snapshot names.');
  }
  return snapshot;
}

/** The snapshot as it is served here. Throws ConfigRefused when it contradicts itself. */
export function compileConfig(snapshot: Snapshot, guardrails: Guardrails): LoadedConfig {
  try {
    const { version, contentHash, notAfter, content } = snapshot;
    const compiled = compileSnapshot(snapshot);
    return { version, contentHash, notAfter, compiled, withheld: findOutOfBounds(guardrails, content.servers) };
  } catch (error) {
    if (error instanceof ConfigInvalid) throw new ConfigRefused('malformed', error.message, { cause: error });
    throw error;
  }
}

/** The content as it was signed: parsing drops keys that this version does not know, the hash covers them. */
function readRawContent(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'content' in value ? value.content : null;
}
