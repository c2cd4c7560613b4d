import { compileSnapshot, SnapshotInvalid } from '@gatehouse/policy/compile/compile-snapshot';
import { hashContent } from '@gatehouse/policy/documents/canonical';
import { ReadableSnapshot } from '@gatehouse/policy/documents/earlier-snapshot';
import type { Snapshot } from '@gatehouse/policy/documents/snapshot';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { ConfigErrorCode } from '@gatehouse/protocol/messages';

import type { LoadedConfig } from './current.ts';
import { findOutOfBounds, type Guardrails } from './guardrails.ts';
import { describeIssues, openEnvelope, type Trust } from './trust.ts';

/** A pushed or stored configuration is not used; the message goes to the console. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string, options?: ErrorOptions) {
    super(message.slice(0, 1_000), options);
    this.code = code;
  }
}

/** Signature, shape, site and content hash: true of a snapshot for good, whatever else is in force here. Throws ConfigRefused. */
export function verifySnapshot(trust: Trust, envelope: SignedEnvelope): Snapshot {
  const opened = openEnvelope(trust, envelope, 'application/vnd.gatehouse.snapshot+json');
  if (!opened.ok) throw new ConfigRefused(opened.code, opened.message);
  const parsed = ReadableSnapshot.safeParse(opened.value);
  if (!parsed.success) throw new ConfigRefused('malformed', `The snapshot cannot be read: ${describeIssues(parsed.error)}`);
  const snapshot = parsed.data;
  if (snapshot.tenantId !== trust.tenantId || snapshot.siteId !== trust.siteId) {
    throw new ConfigRefused(
      'wrong_site',
      `The snapshot is for site ${snapshot.siteSlug} of ${snapshot.tenantSlug}, not for this agent.`,
    );
  }
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
    if (error instanceof SnapshotInvalid) throw new ConfigRefused('malformed', error.message, { cause: error });
    throw error;
  }
}

/** The content as it was signed: parsing drops keys that this version does not know, the hash covers them. */
function readRawContent(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'content' in value ? value.content : null;
}
