import { hasNotedDigits, restoreDigits, roundDigits } from '../schema/noted-digits.ts';
import type { EntryDefinition, EntryKind } from './catalogue-entry.ts';
import { hashContent } from './content-hash.ts';
import type { JsonObject } from './json.ts';
import { hasPassingFields, toCompared, withoutProse } from './prose.ts';

/**
 * Pin of a definition without what an approval ignores: the texts at the places that its reviewer named, the order of sets in the schemas of a tool, and what a
 * resource says of its content as it is just now. Its size and the time of its last change differ after every write to it, and are no change of what is offered.
 */
export function computeSteadyPin(kind: EntryKind, definition: JsonObject, ignored: readonly string[] = []): string {
  const exact = restoreDigits(definition);
  const rest = ignored.length === 0 ? exact : withoutProse(kind, exact, ignored);
  return hashContent(toCompared(kind, rest));
}

/** Whether definitions of this kind have something that no approval goes by. */
export function isComparedInPart(kind: EntryKind): kind is 'tool' | 'resource' | 'template' {
  return kind === 'tool' || hasPassingFields(kind);
}

/** What an approval was given to. */
interface Approved {
  kind: EntryKind;
  pin: string;
  definition: EntryDefinition;
  /** JSON Pointers to texts that it ignores */
  ignored?: readonly string[] | undefined;
}

/** By definition; a decision on the same definition that ignores something else is another entry of another configuration. */
const ofApproved = new WeakMap<EntryDefinition, Map<string, string>>();

/** The same of an approved definition, computed once. `ignored`: none when left out. */
export function getSteadyPin({ kind, pin, definition, ignored = [] }: Approved): string {
  if (ignored.length === 0 && !isComparedInPart(kind) && !hasNotedDigits(definition)) return pin;
  const known = ofApproved.get(definition) ?? new Map<string, string>();
  ofApproved.set(definition, known);
  const key = ignored.length === 0 ? '' : JSON.stringify(ignored);
  let steady = known.get(key);
  if (steady === undefined) {
    steady = computeSteadyPin(kind, definition, ignored);
    known.set(key, steady);
  }
  return steady;
}

/** The steady pin of a definition as it was approved when every number was taken for a double; null for one that has no other numbers. */
export function getRoundedPin({ kind, definition }: Pick<Approved, 'kind' | 'definition'>): string | null {
  return hasNotedDigits(definition) ? computeSteadyPin(kind, roundDigits(definition)) : null;
}
