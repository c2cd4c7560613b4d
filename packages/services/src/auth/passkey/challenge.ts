import { createHash } from 'node:crypto';

import { runInLookup } from '@gatehouse/db/tenant';

import { MINUTE_MS } from '../../durations.ts';
import type { Runtime } from '../../runtime.ts';

/** For a person who looks for the phone. */
export const CHALLENGE_MS = 5 * MINUTE_MS;

/** Keeps what has to be signed for its holder (the secret of a browser, or a session), in place of what was kept for it before. */
export async function keepChallenge(runtime: Runtime, holder: string, challenge: string): Promise<void> {
  const holderHash = hashHolder(holder);
  const expiresAt = new Date(runtime.now().getTime() + CHALLENGE_MS);
  await runInLookup(runtime.db, { lookup: holderHash }, async (tx) => {
    await tx.passkeyChallenge.deleteMany({ where: { holderHash } });
    await tx.passkeyChallenge.createMany({ data: [{ holderHash, challenge, expiresAt }], skipDuplicates: true });
  });
}

/** Takes it, whatever comes of it: it serves one attempt. Null when there is none, or its time is over. */
export async function takeChallenge(runtime: Runtime, holder: string): Promise<string | null> {
  const holderHash = hashHolder(holder);
  return runInLookup(runtime.db, { lookup: holderHash }, async (tx) => {
    const kept = await tx.passkeyChallenge.findUnique({ where: { holderHash } });
    const { count } = await tx.passkeyChallenge.deleteMany({ where: { holderHash } });
    return kept && count > 0 && kept.expiresAt > runtime.now() ? kept.challenge : null;
  });
}

const hashHolder = (holder: string): string => createHash('sha256').update(holder).digest('hex');
