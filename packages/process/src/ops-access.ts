import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';

import * as z from 'zod';

import type { OpsScope } from './ops.ts';

/** What opens the operations paths to those who ask from elsewhere. */
export const OpsToken = z
  .string()
  .regex(/^[\x21-\x7e]{16,}$/, 'must have at least 16 characters, and no blank')
  .optional();

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** All for who shows the token; null: there is none, so nobody has it. */
export function findTokenScope(authorization: string | null | undefined, token: string | null): OpsScope {
  const given = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1];
  return given !== undefined && token !== null && timingSafeEqual(digest(given), digest(token)) ? 'all' : 'probes';
}

/** All for who shows the token, and for this machine itself. */
export function findOpsScope(request: IncomingMessage, token: string | null): OpsScope {
  return isFromThisMachine(request) ? 'all' : findTokenScope(request.headers.authorization, token);
}

/** A proxy on this machine asks for somebody else, and says so. */
function isFromThisMachine({ socket, headers }: IncomingMessage): boolean {
  const { remoteAddress, localAddress } = socket;
  if (remoteAddress === undefined) return false;
  const isForwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined);
  const isNear = remoteAddress === localAddress || LOOPBACK.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4');
  return isNear && !isForwarded;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
