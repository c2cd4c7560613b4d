import { createHash } from 'node:crypto';

import { decodeJoinToken } from '@gatehouse/protocol/enrolment';

import { readState, writeState, type StateDir } from './state-dir.ts';

/** A folder that is enrolled again and again forgets the oldest, of which the hub would then be asked once more. */
const MOST_REMEMBERED = 100;

/** Whether this folder knows that a join token is used, expired or withdrawn, so that no hub has to be asked. False for a text that is no token. */
export function isSpentToken(dir: StateDir, token: string): boolean {
  const hash = hashToken(token);
  return hash !== null && readHashes(dir).includes(hash);
}

/** Remembers a join token that enrols nobody any more, by the hash of its secret, which is all that a hub is shown of it too. */
export async function rememberSpentToken(dir: StateDir, token: string): Promise<void> {
  const hash = hashToken(token);
  if (hash === null) return;
  const others = readHashes(dir).filter((known) => known !== hash);
  await writeState(dir, dir.spentTokens, [...others, hash].slice(-MOST_REMEMBERED).join('\n'));
}

function hashToken(token: string): string | null {
  const content = decodeJoinToken(token);
  return content && createHash('sha256').update(content.secret).digest('hex');
}

function readHashes(dir: StateDir): string[] {
  return readState(dir.spentTokens)?.split('\n') ?? [];
}
