import { isIP } from 'node:net';

import { ServiceError } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';

/** For whom passkeys are made: the console by its own address, and never by what a request says. */
export interface RelyingParty {
  id: string;
  origin: string;
  name: string;
}

/** What browsers show, and what authenticator apps call the account's issuer. */
export const PRODUCT = 'Gatehouse';

/**
 * COSE numbers of the signatures that passkeys are made with: Ed25519, ES256, RS256. Newer ones of browsers (ML-DSA) rest on what is still an
 * experiment in Node, and a passkey is to open the account in years too.
 */
export const ALGORITHMS = [-8, -7, -257];

/** Null where browsers make no passkey: for an address that is a number, and one in the clear that is not this machine's. */
export function findRelyingParty({ settings }: Pick<Runtime, 'settings'>): RelyingParty | null {
  if (settings.consoleUrl === undefined) return null;
  const { hostname, origin, protocol } = new URL(settings.consoleUrl);
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost');
  if (isIP(hostname) !== 0 || hostname.startsWith('[') || (protocol !== 'https:' && !isLocal)) return null;
  return { id: hostname, origin, name: PRODUCT };
}

/** Throws `precondition` where there can be no passkeys. */
export function requireRelyingParty(runtime: Pick<Runtime, 'settings'>): RelyingParty {
  const party = findRelyingParty(runtime);
  if (party) return party;
  throw new ServiceError(
    'precondition',
    'Browsers make passkeys only for a console that is reached over https by a name. Ask who runs Gatehouse for you.',
  );
}
