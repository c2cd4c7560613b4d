import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Resolves a host name to all of its addresses. */
export type Lookup = (
  hostname: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface AddressGuard {
  isAllowed: (address: string) => boolean;
  /** the error for a name of which an address is not allowed */
  refuse: (hostname: string) => Error;
}

/** The machine's own resolver. */
export const resolveAll: Lookup = (hostname, callback) => systemLookup(hostname, { all: true, verbatim: true }, callback);

/** A lookup in the form that `net.connect` calls. A name without addresses fails like one that does not exist. */
export function toLookupFunction(lookup: Lookup): LookupFunction {
  return (hostname, { all }, callback) => {
    lookup(hostname, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return callback(error ?? buildNotFoundError(hostname), '');
      return all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}

/**
 * Checks a name where it is dialled, so that the checked address is the dialled one. A single address that is not allowed refuses the whole
 * name, because which of several is dialled is chance.
 */
export function guardLookup(lookup: Lookup, { isAllowed, refuse }: AddressGuard): Lookup {
  return (hostname, callback) => {
    lookup(hostname, (error, addresses) => {
      const isRefused = !error && !addresses.every(({ address }) => isAllowed(address));
      callback(isRefused ? refuse(hostname) : error, addresses);
    });
  };
}

function buildNotFoundError(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
}
