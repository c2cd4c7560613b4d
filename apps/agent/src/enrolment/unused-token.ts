import { isSpentToken } from '../state/spent-tokens.ts';
import { readStanding } from '../state/standing.ts';
import type { StateDir } from '../state/state-dir.ts';

/** Why a join token does nothing in a folder that is enrolled, and what to do about that; for the log. */
export function describeUnusedToken(dir: StateDir, token: string): string {
  const standing = readStanding(dir);
  if (standing === 'good') {
    return 'this agent is enrolled and needs its join token no more: take GATEHOUSE_ENROLL_TOKEN out of the unit, file or shell profile that sets it';
  }
  const why = isSpentToken(dir, token) ? 'the join token is spent' : 'the join token enrols nobody now';
  return `this agent is ${standing}, and ${why}: stop it, and start it again with a new join token`;
}
