import { CatalogueEntry, type EntryRef, readEntryName } from './catalogue-entry.ts';
import { computePin } from './content-hash.ts';

/** Whether the definition is the one that is named, and has the pin. */
export function isPinned({ kind, name, pin, definition }: EntryRef & { pin: string; definition: unknown }): boolean {
  return readEntryName(kind, definition) === name && computePin(definition) === pin;
}

/** An entry as it was stored: a decision is on its pin, so another definition under that is no entry. */
export const PinnedEntry = CatalogueEntry.refine(isPinned, 'The definition is not the one that the name and the pin are of');
