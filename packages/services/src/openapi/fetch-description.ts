import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { isIP } from 'node:net';

import { describeConnectionError, readErrorCode } from '@gatehouse/network/connection-error';
import { stripBrackets } from '@gatehouse/network/hostname';
import { guardLookup, resolveAll, toLookupFunction, type AddressGuard, type Lookup } from '@gatehouse/network/lookup';
import { isPublicAddress } from '@gatehouse/network/public-address';
import { DESCRIPTION_LIMITS } from '@gatehouse/openapi/read-description';

import { ServiceError } from '../errors.ts';

/** What tests put in the place of the network. */
export interface FetchOptions {
  isAllowed?: AddressGuard['isAllowed'];
  lookup?: Lookup;
  ca?: string;
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
const MAX_REDIRECTS = 5;
const USE_FILE = 'Download the description yourself and give it as a file.';

/**
 * Reads a description from the public internet: https only, every address of the host must be public and the checked one is dialled, no
 * redirect to another origin, at most 20 MB and 30 s. Throws `invalid` for an address that may not be read, `unavailable` for one that
 * cannot be. Private APIs are described by a file.
 */
export async function fetchDescription(address: string, options: FetchOptions = {}): Promise<string> {
  const url = URL.parse(address);
  if (!url || url.protocol !== 'https:') throw createRefusedError(`Descriptions are read over https only. ${USE_FILE}`);
  if (url.username !== '' || url.password !== '') throw createRefusedError('Take name and password out of the URL.');
  const signal = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  try {
    return await fetchFollowingRedirects(url, options, signal, MAX_REDIRECTS);
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    const why = signal.aborted ? 'it took too long' : describeNetworkError(error);
    throw new ServiceError('unavailable', `The description could not be read from ${url.host}: ${why}. ${USE_FILE}`, {
      cause: error,
    });
  }
}

async function fetchFollowingRedirects(url: URL, options: FetchOptions, signal: AbortSignal, redirects: number): Promise<string> {
  const guard: AddressGuard = { isAllowed: options.isAllowed ?? isPublicAddress, refuse: () => createNotPublicError(url) };
  const host = stripBrackets(url.hostname);
  // a literal address is never looked up, so it is checked here
  if (isIP(host) !== 0 && !guard.isAllowed(host)) throw createNotPublicError(url);
  const answer = await open(url, guard, options, signal);
  const { statusCode = 0, headers } = answer;
  if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
    answer.destroy();
    const target = URL.parse(headers.location, url.href);
    if (target?.origin !== url.origin)
      throw createRefusedError(`${url.host} redirects to another origin. Enter that address if you trust it.`);
    if (redirects === 0) throw createRefusedError(`${url.host} redirects without end.`);
    return fetchFollowingRedirects(target, options, signal, redirects - 1);
  }
  if (statusCode !== 200) {
    answer.destroy();
    throw new ServiceError('unavailable', `${url.host} answered with HTTP ${statusCode}. ${USE_FILE}`);
  }
  return readText(url, answer);
}

function open(url: URL, guard: AddressGuard, options: FetchOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const { ca, lookup = resolveAll } = options;
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json, application/yaml, text/yaml, */*;q=0.5', 'accept-encoding': 'identity' };
    // no shared agent: a kept connection may lead to an address that was checked for another request only
    const guarded = toLookupFunction(guardLookup(lookup, guard));
    const request = get(url, { agent: false, headers, lookup: guarded, ca, signal }, resolve);
    request.on('error', reject);
  });
}

async function readText(url: URL, answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > DESCRIPTION_LIMITS.bytes) {
      answer.destroy();
      throw createRefusedError(`What ${url.host} sends is larger than 20 MB.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function createNotPublicError(url: URL): ServiceError {
  return createRefusedError(`${url.host} is not on the public internet, and this console reads nothing else. ${USE_FILE}`);
}

function createRefusedError(message: string): ServiceError {
  return new ServiceError('invalid', message);
}

function describeNetworkError(error: unknown): string {
  return describeConnectionError(readErrorCode(error) ?? '') ?? 'the connection failed';
}
