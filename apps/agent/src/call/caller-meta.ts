import type { JsonObject } from '@gatehouse/policy/documents/json';

import { metaOf } from '../clients/classify.ts';
import { META } from '../wire/protocol.ts';

const OWN_KEYS: ReadonlySet<string> = new Set(Object.values(META));

/** The caller's `_meta` as it travels on: progress token, trace context and keys of extensions, without those of the protocol itself. */
export function travellingMeta(params: JsonObject): JsonObject {
  const meta: JsonObject = {};
  for (const [key, value] of Object.entries(metaOf(params))) if (!OWN_KEYS.has(key)) meta[key] = value;
  return meta;
}
