import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';

import * as z from 'zod';

import type { OpsScope } from './ops.ts';
import { normalizeAddress, UNKNOWN_ADDRESS } from './origin.ts';

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

/** All for who shows the token, and for this machine itself, which asks by an address of its own or by `ownName`. */
export function findOpsScope(request: IncomingMessage, token: string | null, ownName?: string): OpsScope {
  return isFromThisMachine(request, ownName) ? 'all' : findTokenScope(request.headers.authorization, token);
}

/** What proxies add to a request. */
const ADDED_BY_PROXIES =
  /^(?:forwarded|via|(?:x-)?(?:original-)?forwarded-\w+|x-(?:original|real|client|cluster-client)-[\w-]+|(?:true-client|client|cf-connecting)-ip)$/;

/**
 * A proxy on this machine asks for somebody else. Nearly all of them say so, pass on the name that was asked for, or speak HTTP/1.0, as nginx
 * does unless it is told otherwise.
 */
function isFromThisMachine({ socket, headers, httpVersion }: IncomingMessage, ownName = 'localhost'): boolean {
  const { remoteAddress, localAddress = '' } = socket;
  if (remoteAddress === undefined || httpVersion === '1.0') return false;
  const isForwarded = Object.keys(headers).some((name) => ADDED_BY_PROXIES.test(name));
  const isNear = remoteAddress === localAddress || LOOPBACK.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4');
  return isNear && !isForwarded && isNameOf([ownName, 'localhost'], headers.host ?? '', localAddress);
}

/** Whether a Host header is one of these names, or the address of this machine that was asked, or loopback. */
function isNameOf(names: readonly string[], host: string, localAddress: string): boolean {
  const name = normalizeAddress(host);
  if (name === UNKNOWN_ADDRESS) return names.includes(host.toLowerCase().replace(/:\d+$/, ''));
  return name === normalizeAddress(localAddress) || LOOPBACK.check(name, isIPv6(name) ? 'ipv6' : 'ipv4');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
