import type { Runtime } from '../../runtime.ts';
import { endSession, type EndSession } from './end-session.ts';

/** Signs out the session one acts in. Doing so twice changes nothing. */
export async function signOut({ runtime, input }: { runtime: Runtime; input: EndSession }): Promise<void> {
  await endSession(runtime, input);
}
