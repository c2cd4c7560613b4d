import { createHash, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import { readState, StateDirError, writeState, type StateDir } from './state-dir.ts';

const KEY_BYTES = 32;

/** Secret of the site that keys every fingerprint; the same for all agents of a site. */
export interface SiteKey {
  /** first 16 hex digits of the key's own SHA-256: names the key, does not give it away */
  id: string;
  key: KeyObject;
}

/**
 * The site's fingerprint key: from `file` (32 bytes, base64: the key that another agent of the site made), else from the state directory,
 * where the first agent of a site makes it. Throws StateDirError.
 */
export async function openSiteKey(dir: StateDir, file: string | null): Promise<SiteKey> {
  const path = file ?? dir.siteKey;
  const stored = readState(path);
  if (stored !== null) return parseSiteKey(stored, path);
  if (file !== null) throw new StateDirError(`${file} does not exist. GATEHOUSE_SITE_KEY_FILE must hold the key of this site.`);
  const made = randomBytes(KEY_BYTES).toString('base64');
  await writeState(dir, dir.siteKey, `${made}\n`);
  return parseSiteKey(made, dir.siteKey);
}

function parseSiteKey(text: string, path: string): SiteKey {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== KEY_BYTES || key.toString('base64') !== text.trim()) {
    throw new StateDirError(
      `${path} does not hold a site key (32 bytes, base64). Put the file back from a copy, or move it away: then a new key is made, and older fingerprints match none of the new ones.`,
    );
  }
  return { id: createHash('sha256').update(key).digest('hex').slice(0, 16), key: createSecretKey(key) };
}
