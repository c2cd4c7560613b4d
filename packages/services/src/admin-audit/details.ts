import { Prisma } from '@gatehouse/db/client';
import { isJsonObject } from '@gatehouse/policy/documents/json';

/** In the details of an act, to which the signer holds what was made: the hash by which a client key is found. Nobody is shown it. */
const HASH = 'keyHash';

/** The details of an act as people get them. */
export function withoutHash(details: unknown): unknown {
  if (!isJsonObject(details) || !Object.hasOwn(details, HASH)) return details;
  const { [HASH]: _hash, ...rest } = details;
  return rest;
}

/** The same in the database: what follows an entry of the log that is written as JSON. */
export const WITHOUT_HASH = Prisma.sql`#- array['after', ${HASH}]::text[]`;
