import { hashContent } from '@gatehouse/policy/documents/canonical';
import type { EntryDefinition } from '@gatehouse/policy/documents/catalogue-entry';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import type { ListedKind } from './list-pages.ts';

/**
 * Pin of a definition without what it says of the content as it is just now. The size of a resource and the time of its last change differ after
 * every write to it, and are no change of what is offered; without them it is the pin of an approval.
 */
export function computeSteadyPin(kind: ListedKind, definition: JsonObject): string {
  return hashContent(kind === 'resource' || kind === 'template' ? dropPassing(definition) : definition);
}

const ofApproved = new WeakMap<EntryDefinition, string>();

/** The same of an approved definition, computed once. */
export function getSteadyPin({ kind, pin, definition }: { kind: ListedKind; pin: string; definition: EntryDefinition }): string {
  if (kind === 'tool' || kind === 'prompt') return pin;
  let steady = ofApproved.get(definition);
  if (steady === undefined) {
    steady = computeSteadyPin(kind, definition);
    ofApproved.set(definition, steady);
  }
  return steady;
}

function dropPassing(definition: JsonObject): JsonObject {
  const { size: _size, annotations, ...rest } = definition;
  if (!isJsonObject(annotations)) return annotations === undefined ? rest : { ...rest, annotations };
  const { lastModified: _lastModified, ...others } = annotations;
  return { ...rest, annotations: others };
}
