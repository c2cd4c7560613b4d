import { MAX_NAME_LENGTH } from '../documents/catalogue-entry.ts';
import { removeUnseen } from '../findings/remove-unseen.ts';

/** The longest name of a tool or prompt; an address may be longer. */
const MAX_SHOWN_NAME = 128;
/** Of a terminal, which hides nothing. */
const COLOUR = new RegExp(['(?:\\u001B\\[|\\u009B)', '[\\d;:]{0,64}m'].join(''), 'g');

/**
 * A name for a message, with everything that is not seen or turns text round shown as `?`; names of other scripts are left as they are. Never a part of
 * it, and no `?` in the middle of what is read as one word: whoever looks for secrets in the message would recognise neither.
 */
export function toShownName(name: string): string {
  return showWithin(name, MAX_SHOWN_NAME);
}

/** The same of an entry of any kind, which may be called by an address. */
export function toShownEntryName(name: string): string {
  return showWithin(name, MAX_NAME_LENGTH);
}

function showWithin(name: string, most: number): string {
  if (name.length > most) return `one with a name of ${name.length.toLocaleString('en')} characters`;
  const seen = removeUnseen(name.normalize('NFKC'));
  return seen.replaceAll(COLOUR, '').replaceAll(/(?! )[\p{C}\p{Z}]/gu, '?');
}
