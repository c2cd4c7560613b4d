import { useState } from 'react';

import { type ServerEntryRef, toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import type { Collision } from './collisions.ts';
import { findNameProblem, findNeededName } from './draft.ts';

export interface ShownName {
  text: string;
  /** what clients are shown while the field is empty */
  fallback: string;
  /** why it cannot be used, in a sentence */
  problem: string | undefined;
  /** a free name, when another entry wants the same one */
  suggestion: string | null;
  change: (text: string) => void;
}

/** The name under which AI clients see an entry, while it is edited. A name is saved once it is one; half a name stays in the field. */
export function useShownName(
  entry: ServerEntryRef & { kind: 'tool' | 'prompt'; rename: string | null },
  collision: Collision | undefined,
  onRename: (rename: string | null) => void,
): ShownName {
  const { name: own, rename: stored } = entry;
  const needed = findNeededName(entry);
  const fallback = stored === null ? own : (needed ?? own);
  const [text, setText] = useState(stored ?? '');
  const [saved, setSaved] = useState(stored);
  // Set from elsewhere, by the button that settles a collision.
  if (stored !== saved) {
    setSaved(stored);
    setText(stored ?? '');
  }

  function change(next: string): void {
    setText(next);
    const rename = next === '' ? needed : next === own && needed === null ? null : next;
    if (rename !== null && findNameProblem(rename) !== null) return;
    setSaved(rename);
    onRename(rename);
  }

  const taken =
    collision && `${collision.owners.map(({ label }) => label).join(' and ')} would both be shown as ${collision.name}.`;
  const owner = collision?.owners.find(({ ref }) => toServerEntryKey(ref) === toServerEntryKey(entry));
  const problem = findNameProblem(text === '' ? fallback : text) ?? taken;
  return { text, fallback, problem, suggestion: owner?.suggestion ?? null, change };
}
