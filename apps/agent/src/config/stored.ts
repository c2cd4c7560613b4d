import type { Logger } from 'pino';

import { SignedEnvelope } from '@gatehouse/protocol/envelope';

import { parseJson } from '../state/parse-json.ts';
import { readState, StateDirError, type StateDir } from '../state/state-dir.ts';
import { openManifest, openSnapshot, type Candidate, type CandidateDeps, type Prepared } from './candidate.ts';
import { ConfigRefused } from './refusal.ts';

export interface StoredDeps extends CandidateDeps {
  dir: StateDir;
  log: Logger;
}

/** A configuration of the disk. */
export interface Stored {
  candidate: Candidate;
  path: string;
  /** signed with a key that signs no more */
  isRetired: boolean;
}

/** What is stored, the newest first, and after that what a retired key has signed. What cannot be read is logged with the reason. */
export function listStored(deps: StoredDeps): Stored[] {
  const { snapshot, manifest } = deps.dir;
  const manifests = [manifest.path, manifest.previous].flatMap((path) => openFile(deps, path, openManifest) ?? []);
  // of these, which may be large, the one before is read only when it is needed
  const whole = openFile(deps, snapshot.path, openSnapshot) ?? openFile(deps, snapshot.previous, openSnapshot);
  return [...manifests, ...(whole ? [whole] : [])].toSorted(
    (a, b) => Number(a.isRetired) - Number(b.isRetired) || b.candidate.version - a.candidate.version,
  );
}

/** The newest that is whole, else the newest of which something can be served; null when there is none. */
export function prepareBest(stored: readonly Stored[], log: Logger): (Stored & { prepared: Prepared }) | null {
  let best: (Stored & { prepared: Prepared }) | null = null;
  for (const each of stored) {
    const prepared = attempt(log, each.path, () => each.candidate.prepareStored());
    if (!prepared) continue;
    if (prepared.gathered?.isWhole !== false) return { ...each, prepared };
    best ??= { ...each, prepared };
  }
  return best;
}

function openFile(
  deps: StoredDeps,
  path: string,
  open: (deps: CandidateDeps, envelope: SignedEnvelope) => Candidate,
): Stored | null {
  return attempt(deps.log, path, () => {
    const text = readState(path);
    if (text === null) return null;
    const envelope = parseJson(text, SignedEnvelope);
    if (!envelope) throw new ConfigRefused('storage', `${path} is damaged.`);
    return { candidate: open(deps, envelope), path, isRetired: deps.trust.isRetired(envelope.keyId) };
  });
}

function attempt<T>(log: Logger, path: string, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigRefused || error instanceof StateDirError)) throw error;
    const code = error instanceof ConfigRefused ? error.code : 'storage';
    log.error({ path, code, reason: error.message }, 'a stored configuration is not used');
    return null;
  }
}
