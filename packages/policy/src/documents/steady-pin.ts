import { hashContent } from './canonical.ts';
import type { EntryDefinition, EntryKind } from './catalogue-entry.ts';
import { isJsonObject, type JsonObject } from './json.ts';

/**
 * Pin of a definition without what it says of the content as it is just now. The size of a resource and the time of its last change differ after
 * every write to it, and are no change of what is offered: an approval ignores them.
 */
export function computeSteadyPin(kind: EntryKind, definition: JsonObject): string {
  return hashContent(hasPassingFields(kind) ? dropPassing(definition) : definition);
}

/** Whether definitions of this kind have fields that an approval ignores. */
export function hasPassingFields(kind: EntryKind): kind is 'resource' | 'template' {
  return kind === 'resource' || kind === 'template';
}

const ofApproved = new WeakMap<EntryDefinition, string>();

/** The same of an approved definition, computed once. */
export function getSteadyPin({ kind, pin, definition }: { kind: EntryKind; pin: string; definition: EntryDefinition }): string {
  if (!hasPassingFields(kind)) return pin;
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
