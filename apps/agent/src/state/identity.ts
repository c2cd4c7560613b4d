import * as z from 'zod';

import { EncodedPublicKey } from '@gatehouse/protocol/enrolment';

import { parseJson } from './parse-json.ts';
import { readState, StateDirError, writeState, type StateDir } from './state-dir.ts';

/** What enrolment leaves on disk (`identity.json`, mode 0600). The private key never leaves this file. */
export const Identity = z.strictObject({
  format: z.literal(1),
  /** websocket base URL of the hub */
  hub: z.url({ protocol: /^wss?$/ }),
  tenantId: z.uuid(),
  tenantSlug: z.string(),
  siteId: z.uuid(),
  siteSlug: z.string(),
  agentId: z.uuid(),
  agentName: z.string(),
  rootKeyId: z.uuid(),
  /** signs this tenant's snapshots and orders */
  rootPublicKey: EncodedPublicKey,
  publicKey: EncodedPublicKey,
  /** PKCS #8 DER, base64 */
  privateKey: z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/),
  enrolledAt: z.iso.datetime(),
});
export type Identity = z.infer<typeof Identity>;

/** Null when this directory has never been enrolled. Throws StateDirError when the file is damaged. */
export function readIdentity(dir: StateDir): Identity | null {
  const text = readState(dir.identity);
  if (text === null) return null;
  const parsed = parseJson(text, Identity);
  if (!parsed) throw new StateDirError(`${dir.identity} is damaged. Remove it and enrol again with a new join token.`);
  return parsed;
}

export function writeIdentity(dir: StateDir, identity: Identity): Promise<void> {
  return writeState(dir, dir.identity, JSON.stringify(identity));
}
