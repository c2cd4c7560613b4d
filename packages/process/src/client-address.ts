import type { IncomingHttpHeaders } from 'node:http';

import * as z from 'zod';

import { normalizeAddress } from './origin.ts';

/** GATEHOUSE_TRUSTED_PROXIES: how many proxies of ours stand before a listener, each of which appends to X-Forwarded-For. */
export const TrustedProxies = z.coerce.number().int().min(0).max(10).default(0);

interface Asked {
  headers: IncomingHttpHeaders;
  socket: { remoteAddress?: string | undefined };
}

/**
 * The address of whoever made a request: the one that our outermost trusted proxy saw. What stands further left in X-Forwarded-For is the
 * caller's own claim; without a trusted proxy all of it is.
 */
export function readClientAddress({ headers, socket }: Asked, trustedProxies: number): string {
  const forwarded = trustedProxies === 0 ? [] : listForwarded(headers['x-forwarded-for']);
  const seen = [...forwarded, socket.remoteAddress ?? ''];
  return normalizeAddress(seen.at(-1 - trustedProxies) ?? seen[0]);
}

function listForwarded(header: string | string[] | undefined): string[] {
  return [header ?? ''].flat().flatMap((line) => line.split(',').filter((part) => part.trim() !== ''));
}
