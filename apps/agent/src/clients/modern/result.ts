import type { JsonObject } from '@gatehouse/policy/documents/json';

import { isInputRequired } from '../../wire/input-required.ts';
import { getMeta } from '../../wire/meta.ts';
import { META } from '../../wire/protocol.ts';

/** A result of the newer protocol, which says what it is and who gave it. */
export function formatModernResult(result: JsonObject, serverInfo: JsonObject): JsonObject {
  const resultType = isInputRequired(result) ? 'input_required' : 'complete';
  return { ...result, resultType, _meta: { ...getMeta(result), [META.serverInfo]: serverInfo } };
}

/**
 * Says for how long and by whom a result may be kept. Never by a cache that several clients share: another caller of the same address gets
 * another list.
 */
export function addCacheHint(result: JsonObject): JsonObject {
  const { ttlMs } = result;
  return { ...result, ttlMs: typeof ttlMs === 'number' && ttlMs >= 0 ? ttlMs : 0, cacheScope: 'private' };
}
