import type { SignedEnvelope } from '@gatehouse/protocol/envelope';

import type { LoadedConfig } from './current.ts';
import type { Guardrails } from './guardrails/guardrails.ts';
import { verifyManifest } from './open-manifest.ts';
import { compileConfig, verifySnapshot } from './open-snapshot.ts';
import type { ConfigParts, Gathered, PartSource } from './parts/config-parts.ts';
import type { Keys, Trust } from './trust.ts';

/** What a candidate becomes. `gathered`: its parts; null when it came as one document. */
export interface Prepared {
  config: LoadedConfig;
  gathered: Gathered | null;
}

/** A verified configuration that could be brought into force. */
export interface Candidate {
  /** also the name of its file in the state directory */
  form: 'snapshot' | 'manifest';
  /** as it was signed, so that the next start verifies it as if it had just arrived */
  envelope: SignedEnvelope;
  version: number;
  contentHash: string;
  notAfter: string;
  /** Compiles it. Rejects with ConfigRefused, or with FetchAbandoned where parts are fetched. */
  prepare(source: PartSource): Promise<Prepared>;
  /** The same from what is on the disk, of which parts may be missing. Throws ConfigRefused. */
  prepareStored(): Prepared;
}

export interface CandidateDeps {
  trust: Trust;
  /** whose signature counts on it */
  keys: Keys;
  guardrails: Guardrails;
  parts: ConfigParts;
}

/** Throws ConfigRefused when the envelope holds no snapshot of this site. */
export function openSnapshot({ trust, keys, guardrails }: CandidateDeps, envelope: SignedEnvelope): Candidate {
  const snapshot = verifySnapshot(trust, keys, envelope);
  const { version, contentHash, notAfter } = snapshot;
  const prepareStored = () => ({ config: compileConfig(snapshot, guardrails), gathered: null });
  const prepare = () => Promise.resolve().then(prepareStored);
  return { form: 'snapshot', envelope, version, contentHash, notAfter, prepare, prepareStored };
}

/** Throws ConfigRefused when the envelope holds no manifest of this site. */
export function openManifest({ trust, keys, parts }: CandidateDeps, envelope: SignedEnvelope): Candidate {
  const { version, contentHash, notAfter, roots } = verifyManifest(trust, keys, envelope);
  const toPrepared = (gathered: Gathered): Prepared => {
    const { compiled, withheld } = gathered;
    return { config: { version, contentHash, notAfter, compiled, withheld }, gathered };
  };
  return {
    form: 'manifest',
    envelope,
    version,
    contentHash,
    notAfter,
    prepare: async (source) => toPrepared(await parts.gather(roots, source)),
    prepareStored: () => toPrepared(parts.gatherStored(roots)),
  };
}
