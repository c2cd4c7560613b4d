import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { Logger } from 'pino';

import { readClientAddress } from '@gatehouse/process/client-address';
import { toNetwork } from '@gatehouse/process/origin';
import { serveRequests } from '@gatehouse/process/request-entry';

import { transformer } from './api/transformer.ts';
import { BodyRoom } from './body-room.ts';
import { CONSOLE_LIMITS } from './limits.ts';
import { receiveRequest } from './receive-request.ts';

export interface ConsoleServerOptions {
  /** answers a request that is within bounds */
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** in development: the socket that reloads pages */
  upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** true when the Cookie header is that of somebody whose session lasts; rejects when nobody can say */
  isSignedIn: (cookies: string | undefined) => Promise<boolean>;
  /** proxies before the console that are believed about the address of a caller */
  trustedProxies: number;
  log: Logger;
}

/** Of whatever is answered before Next, or by it without a page: it can load and run nothing. Pages and files get headers of their own. */
const OWN_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

/**
 * The console's listener in front of Next: who calls and how large a body may be is settled before Next sees a request. What Next finds in
 * X-Forwarded-For is one address, and not the caller's claim.
 */
export function createConsoleServer({ handle, upgrade, isSignedIn, trustedProxies, log }: ConsoleServerOptions): Server {
  const { connections, connectionsPerAddress, headersMs, requestMs, checkMs, smallBodyBytes } = CONSOLE_LIMITS;
  const server = createServer({ headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: checkMs });
  server.maxConnections = connections;
  const room = new BodyRoom();
  const findStranger = async (cookies: string | undefined): Promise<Refusal | null> => {
    try {
      return (await isSignedIn(cookies)) ? null : SIGNED_OUT;
    } catch (error) {
      log.warn({ err: error }, 'whether a session lasts cannot be found out');
      return UNKNOWN;
    }
  };
  serveRequests(server, {
    log,
    async onRequest(request, response) {
      for (const [name, value] of Object.entries(OWN_HEADERS)) response.setHeader(name, value);
      const refusal = findProblem(request);
      if (refusal) return refuse(request, response, refusal);
      const bytes = Number(request.headers['content-length'] ?? 0);
      const stranger = bytes > smallBodyBytes ? await findStranger(request.headers.cookie) : null;
      if (stranger) return refuse(request, response, stranger);
      const address = readClientAddress(request, trustedProxies);
      const giveBack = room.take(toNetwork(address), bytes);
      if (!giveBack) return refuse(request, response, NO_ROOM);
      try {
        const received = await receiveRequest(request);
        if (received === null) return log.debug('a client left in the middle of a body');
        received.headers['x-forwarded-for'] = address;
        await handle(received, response);
      } finally {
        giveBack();
      }
    },
    ...(upgrade ? { onUpgrade: upgrade } : {}),
    connectionsPerAddress: trustedProxies === 0 ? connectionsPerAddress : undefined,
  });
  return server;
}

/** Next answers 500 to some of the others. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

/** With the code that a page is to be told as of a procedure. */
type Refusal = [status: 400 | 401 | 405 | 411 | 413 | 503, message: string, code?: keyof typeof TRPC_ERROR_CODES_BY_KEY];

const SIGNED_OUT: Refusal = [401, 'Your session has ended. Sign in again.', 'UNAUTHORIZED'];
const UNKNOWN: Refusal = [503, 'This is not possible right now. Try again in a minute.', 'SERVICE_UNAVAILABLE'];
const NO_ROOM: Refusal = [503, 'Too much is being sent at the same time. Try again in a few seconds.', 'SERVICE_UNAVAILABLE'];

/** Null for a request that Next may see. The length of a body has to be told, so that nothing has to be counted while it comes. */
function findProblem({ method = '', headers, url = '' }: IncomingMessage): Refusal | null {
  if (!METHODS.has(method)) return [405, `Ask with ${[...METHODS].join(', ')}.`];
  if (!url.startsWith('/') || !canDecode(url)) return [400, 'Ask for a path.'];
  if (headers['transfer-encoding'] !== undefined) return [411, 'Send the body with its Content-Length.'];
  const length = Number(headers['content-length'] ?? 0);
  const most = findBodyLimit(url);
  return length <= most ? null : [413, `A body sent to this address has at most ${most} bytes.`];
}

/** Next answers 500 to what is no percent-encoding. */
function canDecode(url: string): boolean {
  try {
    return decodeURIComponent(url.split('?', 1)[0] ?? '') !== '';
  } catch {
    return false;
  }
}

/** The forms of pages that end in a file. */
const EXPORT = /^\/t\/[^/]+\/(?:settings|audit\/admin)\/export$/;

function findBodyLimit(url: string): number {
  const [path = ''] = url.split('?', 1);
  const isForm = path.startsWith('/api/auth/') || path.startsWith('/api/account/') || EXPORT.test(path);
  if (isForm) return CONSOLE_LIMITS.formBytes;
  const [, procedure] = /^\/t\/[^/]+\/api\/trpc\/([^/]+)$/.exec(path) ?? [];
  if (procedure === undefined) return 0;
  const withDescription = procedure === 'server.previewOpenapi' || procedure === 'server.importOpenapi';
  return withDescription ? CONSOLE_LIMITS.descriptionBytes : CONSOLE_LIMITS.procedureBytes;
}

/**
 * Answers, and closes the connection. Nothing of the body is kept, but of one of a length that could be right so much is let pass first:
 * closed at its beginning, the connection would break before the client has read why.
 */
function refuse(request: IncomingMessage, response: ServerResponse, [status, message, code]: Refusal): void {
  const error = code && { message, code: TRPC_ERROR_CODES_BY_KEY[code], data: { code, httpStatus: status } };
  const body = JSON.stringify({ message, ...(error ? { error: transformer.serialize(error) } : {}) });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), connection: 'close' };
  response.writeHead(status, headers).write(body);
  const isBounded = Number(request.headers['content-length']) <= CONSOLE_LIMITS.descriptionBytes;
  if (!isBounded) return void response.end();
  let passed = 0;
  request.on('data', (part: Buffer) => {
    passed += part.length;
    if (passed <= CONSOLE_LIMITS.refusedBytes) return;
    request.pause();
    response.end();
  });
  request.once('close', () => response.end());
}
