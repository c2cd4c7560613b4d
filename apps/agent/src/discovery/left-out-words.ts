import type { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import { KIND_WORD } from '@gatehouse/policy/documents/entry-counts';
import type { LeftOut, LeftOutPart } from '@gatehouse/protocol/left-out';

/** Characters of names in one sentence, beside which there is room for the rest of it. */
const MOST_NAMES = 300;

/** A tool is spoken of by its name; an address may hold anything. */
export function formatReference(kind: EntryKind, shown: string | null): string {
  if (kind === 'instructions') return 'the instructions';
  return kind === 'tool' && shown !== null ? shown : `one of the ${KIND_WORD[kind]}s`;
}

/** The first of these, and how many others there are. */
export function listSome(names: readonly string[]): string {
  let length = 0;
  const fitting = names.filter((name) => (length += name.length + 2) <= MOST_NAMES);
  const others = names.length - fitting.length;
  const some = fitting.length === 0 ? '' : fitting.join(', ');
  if (others === 0) return some;
  return some === '' ? `${others.toLocaleString('en')} of them` : `${some} and ${others.toLocaleString('en')} more`;
}

/** For hubs that are told in one text: what was left out, a sentence for each part. */
export function describeLeftOut({ parts, more }: LeftOut): string[] {
  const said = parts.map(describePart);
  return more === 0 ? said : [...said, `left out ${more.toLocaleString('en')} more`];
}

function describePart({ kind, name, pointer, keyword, cause, reason }: LeftOutPart): string {
  if (cause === 'unlisted') return reason;
  const isPlaced = pointer !== null && (keyword !== null || cause === 'secret');
  return `left out ${formatReference(kind, name)}: ${reason}${isPlaced ? ` (at ${pointer})` : ''}`;
}
