import type { Logger } from 'pino';

import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { ClientRelay, MessageSource } from '../../call/handle-call.ts';
import { isInputRequired } from '../../wire/input-required.ts';
import { isSameId, METHOD_NOT_FOUND, type ServerMessage } from '../../wire/json-rpc.ts';
import { keepText } from '../../wire/json-text.ts';
import { getMeta } from '../../wire/meta.ts';
import { META, METHOD, NOTIFICATION } from '../../wire/protocol.ts';
import type { RunningRequest } from '../run-request.ts';

export interface ModernRelayOptions {
  running: RunningRequest;
  method: string;
  serverInfo: JsonObject;
  /** null: the client wants no log messages */
  logLevel: string | null;
  log: Logger;
}

/** Relays to a client of the newer protocol: it can be told things before the answer, but is asked in results only. */
export class ModernRelay implements ClientRelay {
  readonly era = 'modern';
  readonly elicit = null;
  readonly defaultLogLevel = null;
  readonly #options: ModernRelayOptions;

  constructor(options: ModernRelayOptions) {
    this.#options = options;
  }

  /** The result of a read also says how long the client may keep it. */
  formatResult(result: JsonObject): JsonObject {
    const { method, serverInfo } = this.#options;
    const formatted = formatModernResult(result, serverInfo);
    return method === METHOD.readResource && formatted['resultType'] === 'complete' ? addCacheHint(formatted) : formatted;
  }

  /** Nothing is kept of a client of this protocol between its requests. */
  noteServer(): void {}

  waitForReader(): Promise<void> | null {
    return this.#options.running.channel.waitForReader();
  }

  relayMessage(message: ServerMessage, { conversation }: MessageSource): void {
    const { method, params = {}, id } = message;
    const { running, logLevel, log } = this.#options;
    if (id !== undefined) {
      // this protocol has no requests to the client, and none were offered to the server
      conversation
        .answer(id, { error: METHOD_NOT_FOUND })
        .catch((error: unknown) => log.debug({ err: error }, 'a question of a server was not refused'));
      return;
    }
    const { progressToken } = running;
    const isOwnProgress =
      method === NOTIFICATION.progress && progressToken !== undefined && isSameId(params['progressToken'], progressToken);
    if (!isOwnProgress && !(method === NOTIFICATION.message && logLevel !== null)) return;
    running.channel.sendText(running.text.toJson({ jsonrpc: '2.0', method, params }));
  }
}

/** A result of the newer protocol, which says what it is and who gave it. */
export function formatModernResult(result: JsonObject, serverInfo: JsonObject): JsonObject {
  const resultType = isInputRequired(result) ? 'input_required' : 'complete';
  return keepText({ ...result, resultType, _meta: { ...getMeta(result), [META.serverInfo]: serverInfo } }, result);
}

/**
 * Says for how long and by whom a result may be kept. Never by a cache that several clients share: another caller of the same address gets
 * another list.
 */
export function addCacheHint(result: JsonObject): JsonObject {
  const { ttlMs } = result;
  return keepText({ ...result, ttlMs: typeof ttlMs === 'number' && ttlMs >= 0 ? ttlMs : 0, cacheScope: 'private' }, result);
}
