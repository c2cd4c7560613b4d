import { useState } from 'react';

import { type ServerEntryRef, toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import type { Collision } from './collisions.ts';
import { findNameProblem } from './draft.ts';

export interface ShownName {
  text: string;
  /** why it cannot be used, in a sentence */
  problem: string | undefined;
  /** a free name, when another entry wants the same one */
  suggestion: string | null;
  change: (text: string) => void;
}

/** The name under which AI clients see an entry, while it is edited. A name is saved once it is one; half a name stays in the field. */
export function useShownName(
  entry: ServerEntryRef & { rename: string | null },
  collision: Collision | undefined,
  onRename: (rename: string | null) => void,
): ShownName {
  const { name: own, rename: stored } = entry;
  const [text, setText] = useState(stored ?? '');
  const [saved, setSaved] = useState(stored);
  // Set from elsewhere, by the button that settles a collision.
  if (stored !== saved) {
    setSaved(stored);
    setText(stored ?? '');
  }

  function change(next: string): void {
    setText(next);
    const rename = next === '' || next === own ? null : next;
    if (rename !== null && findNameProblem(rename) !== null) return;
    setSaved(rename);
    onRename(rename);
  }

  const taken =
    collision && `${collision.owners.map(({ label }) => label).join(' and ')} would both be shown as ${collision.name}.`;
  const owner = collision?.owners.find(({ ref }) => toServerEntryKey(ref) === toServerEntryKey(entry));
  return { text, problem: findNameProblem(text === '' ? own : text) ?? taken, suggestion: owner?.suggestion ?? null, change };
}
