import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';

import { isPublicAddress } from './address.ts';
import { notNamed, OutboundRefused } from './address-policy.ts';

/** Resolves a host name to all of its addresses. */
export type Lookup = (
  hostname: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** A lookup in the form that `net.connect` calls. */
export type NodeLookup = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void;

/** The machine's own resolver. */
export const resolveAll: Lookup = (hostname, callback) => systemLookup(hostname, { all: true, verbatim: true }, callback);

export function everyLookup(lookup: Lookup): NodeLookup {
  return (hostname, options, callback) => {
    lookup(hostname, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return callback(error ?? new OutboundRefused(`${hostname} has no address.`), '');
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}

/** One address that is not public spoils the name: which one is dialled would be chance. */
export function publicLookup(lookup: Lookup): NodeLookup {
  const guarded: Lookup = (hostname, callback) => {
    lookup(hostname, (error, addresses) => {
      const spoiled = !error && !addresses.every(({ address }) => isPublicAddress(address));
      callback(spoiled ? new OutboundRefused(notNamed(hostname, 'has an address that is not public')) : error, addresses);
    });
  };
  return everyLookup(guarded);
}

/** Resolves when every address of the host is public. Rejects with OutboundRefused, or with the resolver's own error. */
export function requirePublic(lookup: Lookup, hostname: string): Promise<void> {
  return new Promise((resolve, reject) => {
    publicLookup(lookup)(hostname, { all: true }, (error) => (error ? reject(error) : resolve()));
  });
}
