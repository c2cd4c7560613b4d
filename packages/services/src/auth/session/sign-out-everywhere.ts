import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { endSessions } from './end-session.ts';

export const SignOutEverywhere = z.strictObject({ userId: z.uuid() });
export type SignOutEverywhere = z.input<typeof SignOutEverywhere>;

/** Ends every console session of one's own account, whatever the workspace, that of the one who asks included. */
export async function signOutEverywhere({ runtime, input }: { runtime: Runtime; input: SignOutEverywhere }): Promise<void> {
  const { userId } = parseInput(SignOutEverywhere, input);
  const ended = await runInLookup(runtime.db, { userId }, (tx) =>
    endSessions(tx, { userId, now: runtime.now(), keepSessionId: null }),
  );
  runtime.log.info({ userId, ended }, 'signed out everywhere');
}
