import type { Logger } from 'pino';

import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { Conversation } from '../../upstream/conversation.ts';
import type { CredentialScrub } from '../../secrets/credential-scrub.ts';
import type { Running } from '../endpoint.ts';
import type { ClientSide } from '../../call/handle-call.ts';
import { isInputRequired } from '../../wire/input-required.ts';
import { META, NOTIFICATION } from '../../wire/protocol.ts';
import { scrubbedJson } from '../../call/scrubbed-json.ts';
import { METHOD_NOT_FOUND, type ServerMessage } from '../../wire/json-rpc.ts';
import { getMeta } from '../../wire/meta.ts';

export interface ModernSideOptions {
  running: Running;
  scrub: CredentialScrub;
  log: Logger;
  serverInfo: JsonObject;
  progressToken: unknown;
  logLevel: string | null;
}

/** One request of a client of the newer protocol: it can be told things before the answer, but asked only in a result. */
export class ModernSide implements ClientSide {
  readonly era = 'modern';
  readonly askBack = null;
  readonly unaskedLogLevel = null;
  readonly #options: ModernSideOptions;

  constructor(options: ModernSideOptions) {
    this.#options = options;
  }

  finish(result: JsonObject): JsonObject {
    return finishModern(result, this.#options.serverInfo);
  }

  /** No client of this protocol is known beyond its request. */
  goesTo(): void {}

  receive(message: ServerMessage, { conversation }: { conversation: Conversation }): void {
    const { method, params = {}, id } = message;
    const { running, scrub, progressToken, logLevel, log } = this.#options;
    if (id !== undefined) {
      // this protocol has no requests to the client, and none were offered to the server
      const refusal = { error: METHOD_NOT_FOUND };
      conversation
        .answer(id, refusal)
        .catch((error: unknown) => log.debug({ err: error }, 'a question of a server was not refused'));
      return;
    }
    const isOwnProgress =
      method === NOTIFICATION.progress && progressToken !== undefined && params['progressToken'] === progressToken;
    if (!isOwnProgress && !(method === NOTIFICATION.message && logLevel !== null)) return;
    running.channel.sendText(scrubbedJson(scrub, { jsonrpc: '2.0', method, params }));
  }
}

/** A result of the newer protocol, which says what it is and who gave it. */
export function finishModern(result: JsonObject, serverInfo: JsonObject): JsonObject {
  const resultType = isInputRequired(result) ? 'input_required' : 'complete';
  return { ...result, resultType, _meta: { ...getMeta(result), [META.serverInfo]: serverInfo } };
}

/** What may be kept for how long, and by whom: never by a cache that others share, since another caller of the same address gets another list. */
export function cacheable(result: JsonObject): JsonObject {
  const { ttlMs } = result;
  return { ...result, ttlMs: typeof ttlMs === 'number' && ttlMs >= 0 ? ttlMs : 0, cacheScope: 'private' };
}
