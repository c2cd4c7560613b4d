import { SignedEnvelope } from '@gatehouse/protocol/envelope';

import { parseJson } from '../state/parse-json.ts';
import { readState, writeState, type StateDir } from '../state/state-dir.ts';
import { ConfigRefused } from './open-snapshot.ts';

/** Keeps the signed bytes, so that the next start verifies them as if they had just arrived. Durable when it resolves. */
export function storeSnapshot(dir: StateDir, envelope: SignedEnvelope): Promise<void> {
  return writeState(dir, dir.snapshot, JSON.stringify(envelope));
}

/** The last good envelope; null when there is none. Throws ConfigRefused when the file is damaged. */
export function loadStoredSnapshot(dir: StateDir): SignedEnvelope | null {
  const text = readState(dir.snapshot);
  if (text === null) return null;
  const envelope = parseJson(text, SignedEnvelope);
  if (!envelope)
    throw new ConfigRefused('storage', `${dir.snapshot} is damaged; waiting for the control plane to send it again.`);
  return envelope;
}
